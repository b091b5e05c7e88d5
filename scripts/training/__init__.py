"""What is trained or fitted on texts of this project, and how. Run by hand; what comes out is committed."""
