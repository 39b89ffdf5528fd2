"""How much of the time VOs could use what there is: by site, type, country or element, month by month."""
