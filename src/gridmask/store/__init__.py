"""The database: one schema on SQLite, MariaDB/MySQL and PostgreSQL, through SQLAlchemy Core."""
