"""For our tests and for users' own: contracts that transports and stores are held to, and rows to test with."""
