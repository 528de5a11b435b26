#include "adapters/driving/websocket/handshake.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include "adapters/driving/websocket/deflate.h"
#include "core/json/writer.h"

/* RFC 6455, section 1.3. */
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#define TOKEN_PREFIX "bearer."

/* JSON-RPC: an invalid request. */
#define ERROR_CODE "-32600"

static bool refuse(struct refusal *refusal, int status, const char *headers, const char *why)
{
    *refusal = (struct refusal){.status = status, .headers = headers};
    error_set(&refusal->why, ST_PROTOCOL, "%s", why);
    return false;
}

/* 16 bytes in base64. */
static bool is_key(struct str key)
{
    uint8_t bytes[BASE64_DECODE_LENGTH(24)];
    size_t len = sizeof(bytes);
    struct base64_decode_ctx decoder;
    if (key.len != 24)
        return false;
    base64_decode_init(&decoder);
    return base64_decode_update(&decoder, &len, bytes, key.len, key.ptr) &&
           base64_decode_final(&decoder) && len == 16;
}

static bool check_origin(const struct upgrade_request *request,
                         const struct websocket_options *options, bool local,
                         struct refusal *refusal)
{
    if (!local && !origin_host_allowed(&options->origins, request->host))
        return refuse(refusal, 403, NULL,
                      "the header Host names a server that is not this one; use its own address, or "
                      "allow the name in the setting http.allowed_hosts");
    if (request->origin.ptr &&
        !origin_allowed(&options->origins, request->origin, request->host))
        return refuse(refusal, 403, NULL,
                      "pages of this Origin may not use this server; allow it in the setting "
                      "http.allowed_origins");
    return true;
}

static bool check_upgrade(const struct upgrade_request *request, struct refusal *refusal)
{
    if (!str_eq(request->path, STR(WEBSOCKET_PATH)))
        return refuse(refusal, 404, NULL, "WebSocket is served at " WEBSOCKET_PATH " alone");
    if (!str_eq(request->method, STR("GET")))
        return refuse(refusal, 405, "Allow: GET\r\n", "an upgrade to WebSocket is a GET request");
    if (!upgrade_list_has(&request->upgrade, STR("websocket")) ||
        !upgrade_list_has(&request->connection, STR("upgrade")))
        return refuse(refusal, 426, "Upgrade: websocket\r\n",
                      "this address speaks WebSocket; ask for it with the headers \"Connection: "
                      "Upgrade\" and \"Upgrade: websocket\"");
    if (!str_eq(request->version, STR("13")))
        return refuse(refusal, 426, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                      "the version of WebSocket must be 13");
    if (!is_key(request->key))
        return refuse(refusal, 400, NULL,
                      "the header Sec-WebSocket-Key must hold 16 bytes in base64");
    if (!upgrade_list_has(&request->protocols, STR(SUBPROTOCOL)))
        return refuse(refusal, 400, NULL,
                      "the client does not offer the subprotocol \"" SUBPROTOCOL
                      "\"; name it in Sec-WebSocket-Protocol");
    return true;
}

/* The value of the header, or that which a page can only say as a subprotocol. */
static void read_authorization(const struct upgrade_request *request, bool token_subprotocol,
                               struct buffer *out)
{
    size_t line = 0;
    struct str rest = {NULL, 0}, name;
    if (request->authorization.ptr) {
        buffer_add_str(out, request->authorization);
        return;
    }
    while (token_subprotocol && upgrade_list_next(&request->protocols, &line, &rest, &name))
        if (str_starts(name, STR(TOKEN_PREFIX))) {
            buffer_add_str(out, STR("Bearer "));
            buffer_add(out, name.ptr + sizeof(TOKEN_PREFIX) - 1, name.len - sizeof(TOKEN_PREFIX) + 1);
            return;
        }
}

bool handshake_read(struct str head, const struct websocket_options *options, bool local,
                    struct handshake *out, struct refusal *refusal)
{
    struct upgrade_request request;
    struct error err;
    if (upgrade_request_read(head, &request, &err))
        return refuse(refusal, 400, NULL, err.text);
    if (!check_origin(&request, options, local, refusal) || !check_upgrade(&request, refusal))
        return false;
    *out = (struct handshake){
        .key = request.key,
        .deflate = options->compress && deflate_offered(&request.extensions)};
    read_authorization(&request, options->token_subprotocol, &out->authorization);
    return true;
}

static void add_accept_key(struct str key, struct buffer *out)
{
    struct sha1_ctx sha1;
    uint8_t digest[SHA1_DIGEST_SIZE];
    char text[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE)];
    sha1_init(&sha1);
    sha1_update(&sha1, key.len, (const uint8_t *)key.ptr);
    sha1_update(&sha1, sizeof(ACCEPT_GUID) - 1, (const uint8_t *)ACCEPT_GUID);
    sha1_digest(&sha1, sizeof(digest), digest);
    base64_encode_raw(text, sizeof(digest), digest);
    buffer_add(out, text, sizeof(text));
}

void handshake_accept(struct str key, bool deflate, struct buffer *out)
{
    buffer_add_str(out, STR("HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: "));
    add_accept_key(key, out);
    buffer_add_str(out, STR("\r\nSec-WebSocket-Protocol: " SUBPROTOCOL "\r\n"));
    if (deflate)
        buffer_add_str(out, STR("Sec-WebSocket-Extensions: " DEFLATE_AGREED "\r\n"));
    buffer_add_str(out, STR("\r\n"));
}

static struct str reason_of(int status)
{
    switch (status) {
    case 400: return STR(" Bad Request");
    case 401: return STR(" Unauthorized");
    case 403: return STR(" Forbidden");
    case 404: return STR(" Not Found");
    case 405: return STR(" Method Not Allowed");
    case 408: return STR(" Request Timeout");
    case 426: return STR(" Upgrade Required");
    case 429: return STR(" Too Many Requests");
    case 431: return STR(" Request Header Fields Too Large");
    default: return STR(" Service Unavailable");
    }
}

void handshake_refuse(const struct refusal *refusal, struct str more_headers, struct buffer *out)
{
    struct buffer body = BUFFER_INIT;
    struct json_writer w = json_writer(&body);
    buffer_add_str(&body, STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":" ERROR_CODE ",\"message\":"));
    json_write_string(&w, str_from(refusal->why.text));
    buffer_add_str(&body, STR("}}"));
    buffer_add_str(out, STR("HTTP/1.1 "));
    buffer_add_u64(out, (uint64_t)refusal->status);
    buffer_add_str(out, reason_of(refusal->status));
    buffer_add_str(out, STR("\r\nContent-Type: application/json\r\nConnection: close\r\n"));
    buffer_add_str(out, str_from(refusal->headers));
    buffer_add_str(out, more_headers);
    buffer_add_str(out, STR("Content-Length: "));
    buffer_add_u64(out, body.len);
    buffer_add_str(out, STR("\r\n\r\n"));
    buffer_add_str(out, buffer_str(&body));
    if (buffer_failed(&body))
        out->failed = true;
    buffer_clear(&body);
}

static void add_parameter(struct buffer *header, struct str text, bool *first)
{
    buffer_add_str(header, *first ? STR(" ") : STR(", "));
    buffer_add_str(header, text);
    *first = false;
}

/* WWW-Authenticate of RFC 6750: an error, the scopes that are needed, the challenge. */
static void add_authenticate(const char *error, const struct credential_answer *answer,
                             struct str challenge, struct buffer *header)
{
    bool first = true;
    buffer_add_str(header, STR("WWW-Authenticate: Bearer"));
    if (error)
        add_parameter(header, str_from(error), &first);
    if (answer->scope.len) {
        add_parameter(header, STR("scope=\""), &first);
        buffer_add_str(header, answer->scope);
        buffer_add_char(header, '"');
    }
    if (challenge.len)
        add_parameter(header, challenge, &first);
    buffer_add_str(header, STR("\r\n"));
}

void handshake_refuse_credentials(const struct credential_answer *answer, struct str challenge,
                                  bool brought, struct refusal *refusal, struct buffer *header)
{
    const char *error = NULL;
    *refusal = (struct refusal){.status = 401};
    error_set(&refusal->why, ST_DENIED, "%.*s", STR_ARG(answer->why));
    switch (answer->verdict) {
    case CREDENTIALS_MALFORMED:
        refusal->status = 400;
        error = "error=\"invalid_request\"";
        break;
    case CREDENTIALS_INSUFFICIENT:
        refusal->status = 403;
        error = "error=\"insufficient_scope\"";
        break;
    case CREDENTIALS_UNAVAILABLE:
        refusal->status = 503;
        refusal->headers = "Retry-After: 1\r\n";
        return;
    default:
        error = brought ? "error=\"invalid_token\"" : NULL;
    }
    add_authenticate(error, answer, challenge, header);
}
