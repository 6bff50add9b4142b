"""The only code that knows an HTTP server: sockets, connections, bodies, the door for requests, the admin routes."""
