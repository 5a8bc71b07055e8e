"""How a server and a screen are set up."""
