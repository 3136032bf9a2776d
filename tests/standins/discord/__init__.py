"""A small Discord on the wire: REST, gateway and uploads, in a process of its own.

    python -m tests.standins.discord --port 0 [--openapi PATH]

What people and moderators do is asked of it over control calls (`process.DiscordStandIn`); what the
bot did is read from its ledger. It decides without I/O (`routes` and the modules it names are plain
functions of a `World` and a `Call`); only `http`, `gateway` and `control` touch sockets.

Not modelled: roles beyond @everyone, message events, reactions, threads made by the bot, slow mode,
per-command permissions, the pace of IDENTIFY, error 30046 and the ban of an address.
"""
