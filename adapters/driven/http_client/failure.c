#include <string.h>

#include "adapters/driven/http_client/exchange.h"

static int explain_certificate(const struct http_exchange *x, struct error *err)
{
    const char *said = x->said;
    if (strstr(said, "does not match"))
        return error_set(err, ST_UNAVAILABLE, "its certificate is for another name");
    if (strstr(said, "expir"))
        return error_set(err, ST_UNAVAILABLE, "its certificate has expired");
    return error_set(err, ST_UNAVAILABLE,
                     "its certificate is not signed by an authority that is trusted here, or not "
                     "valid now");
}

static int explain_connect(const struct http_exchange *x, struct error *err)
{
    long number = 0;
    if (x->refused.code) {
        *err = x->refused;
        return err->code;
    }
    curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &number);
    return error_set(err, ST_UNAVAILABLE, "no connection: %s",
                     number ? strerror((int)number) : "nobody answers");
}

static int explain_end(const struct http_exchange *x, struct error *err)
{
    if (!x->told_head)
        return error_set(err, ST_UNAVAILABLE, "it closed the connection without an answer");
    return error_set(err, ST_UNAVAILABLE, "its answer breaks off after %llu bytes",
                     (unsigned long long)x->bytes);
}

int exchange_explain(const struct http_exchange *x, CURLcode code, struct error *err)
{
    if (x->failure.code) {
        *err = x->failure;
        return err->code;
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ST_UNAVAILABLE, "the name has no address");
    case CURLE_COULDNT_CONNECT:
        return explain_connect(x, err);
    case CURLE_ABORTED_BY_CALLBACK:
        return x->refused.code ? explain_connect(x, err)
                               : error_set(err, ST_CANCELLED, "the request was ended");
    case CURLE_PEER_FAILED_VERIFICATION:
        return explain_certificate(x, err);
    case CURLE_SSL_CONNECT_ERROR:
        return error_set(err, ST_UNAVAILABLE, "it does not agree on TLS");
    case CURLE_SSL_CACERT_BADFILE:
        return error_set(err, ST_CONFIG,
                         "the certificates of authorities cannot be read; see http_client.ca_file");
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return explain_end(x, err);
    case CURLE_SEND_FAIL_REWIND:
        return error_set(err, ST_UNAVAILABLE,
                         "the connection was lost, and a body that was written cannot be sent again");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
        return error_set(err, ST_PROTOCOL, "its answer is no HTTP");
    case CURLE_OUT_OF_MEMORY:
        return error_set(err, ST_NOMEM, "out of memory");
    default:
        return error_set(err, ST_UNAVAILABLE, "%s", curl_easy_strerror(code));
    }
}
