// The wires that the bridge speaks to hexmcp over. Each takes whole messages as text: send(text), and
// onMessage(text) for what comes; close() ends the connection.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// A process of its own for each connection. `command` is the program and its arguments.
export function stdioWire(command, onMessage) {
  const child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // it ended; what was asked stays unanswered
  createInterface({ input: child.stdout }).on("line", onMessage);
  return {
    send: (text) => child.stdin.write(text + "\n"),
    close: () => child.stdin.end(),
  };
}

// A connection to a running server. `url` begins with ws:.
export function webSocketWire(url, onMessage) {
  const socket = new WebSocket(url, "mcp");
  const open = new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`cannot connect to ${url}`)));
  });
  socket.addEventListener("message", (event) => onMessage(event.data));
  return {
    send: (text) => void open.then(() => socket.send(text)),
    close: () => socket.close(),
  };
}
