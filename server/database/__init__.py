"""The database: SQLite in the site's directory, or PostgreSQL by URL."""
