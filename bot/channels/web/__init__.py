"""What the web chat page is made of: wording, request checks, presentation, templates and static files."""
