// Server-sent events out of the body of a response. EventSource cannot send a header, and so no key.

/** Yields {event, id, data} for each event of the stream. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done)
        return;
      rest += value;
      const parts = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = parts.pop();
      for (const part of parts) {
        const event = read(part);
        if (event)
          yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function read(text) {
  const event = {event: "message", id: undefined, data: undefined};
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data")
      event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else if (name === "event" || name === "id")
      event[name] = value;
  }
  return event.data === undefined ? null : event;
}
