"""What a customer sees and does with a link: open a document, pay it, ask about it. Thin views, one call each."""
