"""The checks of `receiver doctor`, in their order, and the round trip of a trial notification."""
