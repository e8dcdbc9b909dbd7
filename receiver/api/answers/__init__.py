"""What every answer shares: errors as ErrorInfo, the correlator, the counting."""
