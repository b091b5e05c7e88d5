"""What our web pages are made of: wording, request checks, presentation, templates and static files."""
