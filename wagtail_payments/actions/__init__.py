"""What can be done: the verbs, keyword-only, the time passed in, without a request."""
