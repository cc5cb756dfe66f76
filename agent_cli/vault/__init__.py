"""What keeps a lost device silent: the keys, the passphrase that opens them, and whoever holds them."""
