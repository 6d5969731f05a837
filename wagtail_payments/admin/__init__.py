"""The seller's rooms in the Wagtail admin: they translate a request into one call, and answer."""
