"""The program `fieldsync-server`: sync server and back office; imports the core, never agent_cli."""
