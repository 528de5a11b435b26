// Requests beside a client, on its transport: ids of their own, answers that the client never sees.
export class RawRequests {
    #transport;
    #waiting = new Map();
    #serial = 0;

    // The transport is one whose client has connected.
    constructor(transport) {
        this.#transport = transport;
        const { onmessage } = transport;
        transport.onmessage = (message, extra) => {
            const resolve = message.method === undefined && this.#waiting.get(message.id);
            if (!resolve)
                return onmessage(message, extra);
            this.#waiting.delete(message.id);
            resolve('error' in message ? { kind: 'error', error: message.error }
                                       : { kind: 'result', result: message.result });
        };
    }

    async send(request) {
        const id = `beside-${++this.#serial}`;
        const answer = new Promise(resolve => this.#waiting.set(id, resolve));
        await this.#transport.send({ jsonrpc: '2.0', id, ...request });
        return answer;
    }
}
