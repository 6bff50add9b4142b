"""Who may call: users and their passwords, client certificates, addresses behind proxies."""
