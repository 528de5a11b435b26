/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <string.h>

/* Longer than every name, and than every hash with some white space around it. */
#define WORD_MOST 255
#define NAMES_ROOM 160

const char *const operation_names[] = {"hash", "verify", NULL};

static const struct args_taker takers[] = {{"expected_hash", 1 << VERIFY}, {NULL, 0}};

static const struct algorithm *read_algorithm(struct args *args)
{
    const struct algorithm *algorithm =
        algorithm_find(args_text(args, "algorithm", WORD_MOST, "sha256"));
    char names[NAMES_ROOM];
    if (!algorithm) {
        algorithm_names(0, names, sizeof(names));
        args_fail(args, HEXMCP_E_INVALID, "algorithm is unknown; give one of %s", names);
    }
    return algorithm;
}

/* That of a hash, which is no plain text. */
static enum encoding read_format(struct args *args, const char *key, enum encoding fallback)
{
    size_t first = ENCODING_HEX;
    return (enum encoding)(first + args_choice(args, key, encoding_names + first, fallback - first));
}

static void decode_input(struct request *q, enum encoding encoding)
{
    hexmcp_str text = q->source.data;
    uint8_t *data = args_memory(&q->args, text.len);
    size_t len, bad;
    if (!data)
        return;
    if (encoding_read(encoding, text.ptr, text.len, data, &len, &bad))
        q->source.data = (hexmcp_str){(const char *)data, len};
    else
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "input is not %s at position %zu of %zu; correct it, or leave encoding out to hash "
                  "the text itself",
                  encoding_names[encoding], bad, text.len);
}

static void read_source(struct request *q)
{
    source_arguments(&q->args, INPUT_BYTES_MAX, &q->source);
    if (q->source.path && args_has(&q->args, "encoding"))
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "encoding is for input; leave it out: the bytes of a file are hashed as they are");
    enum encoding encoding =
        (enum encoding)args_choice(&q->args, "encoding", encoding_names, ENCODING_UTF8);
    if (encoding != ENCODING_UTF8)
        decode_input(q, encoding);
}

/* People paste hashes with a line feed. */
static hexmcp_str trimmed(const char *text)
{
    static const char blanks[] = " \t\r\n";
    hexmcp_str word = hexmcp_str_from(text + strspn(text, blanks));
    while (word.len > 0 && strchr(blanks, word.ptr[word.len - 1]))
        word.len--;
    return word;
}

static void fail_length(struct request *q, size_t len)
{
    char names[NAMES_ROOM];
    size_t bytes = algorithm_bytes(q->algorithm);
    algorithm_names(len, names, sizeof(names));
    if (len == 0 || names[0] == '\0')
        snprintf(names, sizeof(names), "no algorithm");
    args_fail(&q->args, HEXMCP_E_INVALID,
              "expected_hash has %zu bytes (%zu hex digits), but %s has %zu (%zu hex digits); %zu "
              "bytes fit %s: correct expected_hash or algorithm",
              len, 2 * len, algorithm_name(q->algorithm), bytes, 2 * bytes, len, names);
}

static void read_expected(struct request *q)
{
    hexmcp_str text = trimmed(args_text(&q->args, "expected_hash", WORD_MOST, ""));
    uint8_t data[WORD_MOST];
    size_t len, bad;
    if (args_status(&q->args) != HEXMCP_OK)
        return;
    if (text.len == 0)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "verify needs expected_hash: the hash to compare with, %zu hex digits for %s",
                  2 * algorithm_bytes(q->algorithm), algorithm_name(q->algorithm));
    else if (!encoding_read(q->format, text.ptr, text.len, data, &len, &bad))
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "expected_hash is not %s at position %zu of %zu; correct it or expected_format",
                  encoding_names[q->format], bad, text.len);
    else if (len != algorithm_bytes(q->algorithm))
        fail_length(q, len);
    else
        memcpy(q->expected, data, len);
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    *q = (struct request){.args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    q->operation = (enum operation)args_choice_needed(args, "operation", operation_names);
    q->algorithm = read_algorithm(args);
    q->format = read_format(args, "format", ENCODING_HEX);
    args_refuse(args, takers, operation_names, q->operation);
    if (q->operation == VERIFY) {
        q->format = read_format(args, "expected_format", q->format);
        read_expected(q);
    }
    read_source(q);
    return args_status(args);
}

void request_clear(struct request *request)
{
    args_end(&request->args);
}
