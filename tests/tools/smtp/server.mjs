// A mail server on a port of 127.0.0.1: server.mjs OPTIONS, a JSON object with key, cert (PEM), secure, plain (no
// STARTTLS), user, password, refuse (a recipient), slow (milliseconds before a message is taken), ascii (no SMTPUTF8). The first line
// that it prints is {"port"}; then a line for each message.
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2]);
const tell = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const refusal = (text, code) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
    name: "mail.test",
    secure: options.secure ?? false,
    key: options.key,
    cert: options.cert,
    authOptional: !options.user,
    disabledCommands: [...(options.plain ? ["STARTTLS"] : []), ...(options.user ? [] : ["AUTH"])],
    disableReverseLookup: true,
    hideSMTPUTF8: options.ascii ?? false,
    logger: false,
    onAuth(auth, session, done) {
        const good = auth.username === options.user && auth.password === options.password;
        done(good ? null : refusal("Invalid username or password", 535), good ? { user: auth.username } : null);
    },
    onRcptTo(address, session, done) {
        done(address.address === options.refuse ? refusal("No such user here", 550) : null);
    },
    onData(stream, session, done) {
        const pieces = [];
        stream.on("data", (piece) => pieces.push(piece));
        stream.on("end", () => setTimeout(() => {
            tell({
                from: session.envelope.mailFrom.address,
                to: session.envelope.rcptTo.map((one) => one.address),
                secure: session.secure,
                user: session.user ?? null,
                name: session.hostNameAppearsAs,
                data: Buffer.concat(pieces).toString("base64"),
            });
            done(null, "taken as 4711");
        }, options.slow ?? 0));
    },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => tell({ port: server.server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume(); // no orphan when the test is gone
