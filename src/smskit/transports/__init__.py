"""Ways to handsets: the sandbox, providers over HTTP, SMPP; and the drivers that run their flows."""
