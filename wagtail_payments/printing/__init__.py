"""What is put on paper: a frozen document to HTML and PDF, codes for bank transfers, logos."""
