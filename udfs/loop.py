"""One event loop thread per worker process: clients are bound to their loop, so it must outlive a batch."""

import asyncio
import functools
import threading


@functools.cache
def background_loop() -> asyncio.AbstractEventLoop:
    """Return this process's loop, running in a daemon thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="calls", daemon=True).start()
    return loop
