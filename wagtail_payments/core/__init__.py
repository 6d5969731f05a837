"""What is true by arithmetic and by law, in plain Python: no clock, no setting, no database."""
