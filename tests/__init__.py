"""The tests of Gridmask, in folders by what they need: nothing (unit), a database (contract), servers, a browser."""
