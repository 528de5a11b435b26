/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

/* Longer than every name, and than every hash with some white space around it. */
#define WORD_ROOM 256
#define NAMES_ROOM 160

/* A short text argument into `word`; `fallback` if it is left out. */
static int32_t read_word(hexmcp_str args, const char *key, const char *fallback,
                         char word[WORD_ROOM], hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK)
        value = (hexmcp_str){NULL, 0};
    if (value.len == 0) {
        snprintf(word, WORD_ROOM, "%s", fallback);
        return HEXMCP_OK;
    }
    if (hexmcp_json_string(value, word, WORD_ROOM, NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a text of less than %d bytes", key,
                           WORD_ROOM);
    return HEXMCP_OK;
}

static int32_t read_operation(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    char word[WORD_ROOM];
    int32_t status = read_word(args, "operation", "", word, err);
    if (status != HEXMCP_OK)
        return status;
    request->verify = strcmp(word, "verify") == 0;
    if (!request->verify && strcmp(word, "hash") != 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "operation is unknown; give hash or verify");
    return HEXMCP_OK;
}

static int32_t read_algorithm(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    char word[WORD_ROOM];
    char names[NAMES_ROOM];
    int32_t status = read_word(args, "algorithm", "sha256", word, err);
    if (status != HEXMCP_OK)
        return status;
    request->algorithm = algorithm_find(word);
    if (request->algorithm)
        return HEXMCP_OK;
    algorithm_names(0, names, sizeof(names));
    return hexmcp_fail(err, HEXMCP_E_INVALID, "algorithm is unknown; give one of %s", names);
}

/* `first` is ENCODING_UTF8 where plain text is allowed, else ENCODING_HEX. */
static int32_t read_encoding(hexmcp_str args, const char *key, enum encoding first,
                             enum encoding fallback, enum encoding *encoding, hexmcp_error *err)
{
    char word[WORD_ROOM];
    int32_t status = read_word(args, key, encoding_name(fallback), word, err);
    if (status != HEXMCP_OK)
        return status;
    for (int i = (int)first; i <= (int)ENCODING_BASE64; i++) {
        if (strcmp(word, encoding_name((enum encoding)i)) == 0) {
            *encoding = (enum encoding)i;
            return HEXMCP_OK;
        }
    }
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is unknown; give %shex or base64", key,
                       first == ENCODING_UTF8 ? "utf-8, " : "");
}

/* Memory for the text of `input` and behind it for what that decodes to. */
static int32_t take_input(hexmcp_str value, struct request *request, size_t *len, hexmcp_error *err)
{
    if (hexmcp_json_string(value, NULL, 0, len) != HEXMCP_E_TOO_LARGE)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "input is not a string; give a string");
    if (*len > INPUT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "input has %zu bytes, but at most 10485760 (10 MiB) are taken; hash a "
                           "shorter text",
                           *len);
    request->memory = malloc(2 * *len + 1);
    if (!request->memory)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the input; try again");
    return hexmcp_json_string(value, request->memory, *len + 1, len);
}

static int32_t read_input(hexmcp_str args, hexmcp_str value, struct request *request,
                          hexmcp_error *err)
{
    enum encoding encoding = ENCODING_UTF8;
    size_t text_len = 0;
    size_t len;
    size_t bad;
    int32_t status =
        read_encoding(args, "encoding", ENCODING_UTF8, ENCODING_UTF8, &encoding, err);
    if (status == HEXMCP_OK)
        status = take_input(value, request, &text_len, err);
    if (status != HEXMCP_OK)
        return status;
    request->data = (hexmcp_str){request->memory, text_len};
    if (encoding == ENCODING_UTF8)
        return HEXMCP_OK;
    uint8_t *data = (uint8_t *)request->memory + text_len + 1;
    if (!encoding_read(encoding, request->memory, text_len, data, &len, &bad))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input is not %s at position %zu of %zu; correct it, or leave encoding "
                           "out to hash the text itself",
                           encoding_name(encoding), bad, text_len);
    request->data = (hexmcp_str){(const char *)data, len};
    return HEXMCP_OK;
}

static int32_t read_path(hexmcp_str args, hexmcp_str value, struct request *request,
                         hexmcp_error *err)
{
    hexmcp_str encoding;
    size_t len;
    if (hexmcp_json_get(args, "encoding", &encoding) == HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "encoding is for input; leave it out: the bytes of a file are hashed as "
                           "they are");
    int32_t status = hexmcp_json_string_dup(value, &request->memory, &len);
    if (status == HEXMCP_E_NOMEM)
        return hexmcp_fail(err, status, "out of memory for the path; try again");
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "path is not a string; give a string");
    request->path = (hexmcp_str){request->memory, len};
    request->from_file = 1;
    return HEXMCP_OK;
}

static int32_t read_source(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str input;
    hexmcp_str path;
    int has_input = hexmcp_json_get(args, "input", &input) == HEXMCP_OK;
    int has_path = hexmcp_json_get(args, "path", &path) == HEXMCP_OK;
    if (has_input && has_path)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "input and path are both given; give input to hash that text, or path "
                           "to hash a file");
    if (has_input)
        return read_input(args, input, request, err);
    if (has_path)
        return read_path(args, path, request, err);
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "there is nothing to hash; give input (the data itself) or path (a file)");
}

/* People paste hashes with a line feed. */
static char *trimmed(char *word)
{
    static const char blanks[] = " \t\r\n";
    word += strspn(word, blanks);
    size_t len = strlen(word);
    while (len > 0 && strchr(blanks, word[len - 1]))
        len--;
    word[len] = '\0';
    return word;
}

static int32_t fail_length(const struct request *request, size_t len, hexmcp_error *err)
{
    char names[NAMES_ROOM];
    size_t bytes = algorithm_bytes(request->algorithm);
    algorithm_names(len, names, sizeof(names));
    if (len == 0 || names[0] == '\0')
        snprintf(names, sizeof(names), "no algorithm");
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "expected_hash has %zu bytes (%zu hex digits), but %s has %zu (%zu hex "
                       "digits); %zu bytes fit %s: correct expected_hash or algorithm",
                       len, 2 * len, algorithm_name(request->algorithm), bytes, 2 * bytes, len,
                       names);
}

static int32_t decode_expected(struct request *request, const char *text, hexmcp_error *err)
{
    uint8_t data[WORD_ROOM];
    size_t text_len = strlen(text);
    size_t len;
    size_t bad;
    if (text_len == 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "verify needs expected_hash: the hash to compare with, %zu hex digits "
                           "for %s",
                           2 * algorithm_bytes(request->algorithm),
                           algorithm_name(request->algorithm));
    if (!encoding_read(request->format, text, text_len, data, &len, &bad))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "expected_hash is not %s at position %zu of %zu; correct it or "
                           "expected_format",
                           encoding_name(request->format), bad, text_len);
    if (len != algorithm_bytes(request->algorithm))
        return fail_length(request, len, err);
    memcpy(request->expected, data, len);
    return HEXMCP_OK;
}

static int32_t read_expected(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    char word[WORD_ROOM];
    int32_t status = read_word(args, "expected_hash", "", word, err);
    if (status != HEXMCP_OK)
        return status;
    if (request->verify)
        return decode_expected(request, trimmed(word), err);
    if (word[0] != '\0')
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "expected_hash is for operation verify only; use verify to compare");
    return HEXMCP_OK;
}

static int32_t read_all(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    int32_t status = read_operation(args, request, err);
    if (status == HEXMCP_OK)
        status = read_algorithm(args, request, err);
    if (status == HEXMCP_OK)
        status = read_encoding(args, "format", ENCODING_HEX, ENCODING_HEX, &request->format, err);
    if (status == HEXMCP_OK && request->verify)
        status = read_encoding(args, "expected_format", ENCODING_HEX, request->format,
                               &request->format, err);
    if (status == HEXMCP_OK)
        status = read_expected(args, request, err);
    if (status == HEXMCP_OK)
        status = read_source(args, request, err);
    return status;
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {0};
    int32_t status = read_all(args_json, &fresh, err);
    if (status == HEXMCP_OK)
        *request = fresh;
    else
        request_clear(&fresh);
    return status;
}

void request_clear(struct request *request)
{
    free(request->memory);
    request->memory = NULL;
}
