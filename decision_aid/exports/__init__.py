"""What leaves the screen: handout, note for the record, FHIR, result files, the terminal."""
