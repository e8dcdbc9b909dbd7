"""The health of the database: readiness, figures, and the examination and probe of the doctor."""
