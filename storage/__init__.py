"""The ground floor: schema, migrations, one file a noun. It knows no Discord and no HTTP."""
