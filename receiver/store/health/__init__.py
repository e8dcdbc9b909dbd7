"""What operations ask of the database: readiness, figures, an examination, a trial."""
