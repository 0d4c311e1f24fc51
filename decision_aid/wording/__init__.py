"""Every sentence a person reads, for both audiences, and how a number is written."""
