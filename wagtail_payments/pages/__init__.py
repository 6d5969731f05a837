"""Page types: words around a record. Whatever happens to a page, no record changes."""
