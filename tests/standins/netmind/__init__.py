"""A small NetMind on the wire, in a process of its own or in a test's own event loop.

    python -m tests.standins.netmind --port 0           see process.NetmindStandIn
    async with NetmindWorld(now=clock) as netmind: ...  see world.NetmindWorld

Both are talked to by the same methods (`handle.Handle`). It decides without I/O (`desk` and
`account` are plain functions of a `Call` and the time); only `edge`, `sending` and `door` touch
sockets. It waits by `asyncio.sleep` alone and asks no other clock than the one it was given.

Not modelled: prices and a balance that shrinks, text models, byte ranges, a host that has no name
(give a result such a link: `outcomes.linked`), a certificate that is wrong (there is no TLS; a
link to https on the stand-in's own port makes the handshake fail).
"""
