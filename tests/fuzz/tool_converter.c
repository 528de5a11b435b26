/* Any bytes as a text: it is detected, decoded from every encoding, encoded and changed line by line. */
#include <assert.h>
#include <string.h>

#include "plugins/tools/file-converter/detect.h"
#include "plugins/tools/file-converter/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_utf8(hexmcp_str text)
{
    uint32_t character;
    size_t len;
    while ((len = utf8_next(text, &character)) > 0) {
        text.ptr += len;
        text.len -= len;
    }
    assert(text.len == 0);
}

/* What every one can write comes back as it was. */
static void there_and_back(hexmcp_str text, enum encoding encoding)
{
    struct bytes out = {0}, back = {0};
    struct misfit misfit;
    uint64_t replaced = 0;
    if (encoding_encode(encoding, text, false, &out, &replaced, &misfit, NULL) == OUTCOME_DONE) {
        assert(encoding_decode((int)encoding, bytes_str(&out), false, &back, &replaced, &misfit, NULL) ==
               OUTCOME_DONE);
        assert(replaced == 0 && back.len == text.len);
        assert(text.len == 0 || memcmp(back.ptr, text.ptr, text.len) == 0);
    } else {
        assert(encoding != ENCODING_UTF16LE && encoding != ENCODING_UTF16BE);
    }
    bytes_free(&out);
    bytes_free(&back);
}

static void decode(int encoding, hexmcp_str in)
{
    struct bytes out = {0};
    struct misfit misfit;
    uint64_t replaced = 0;
    enum outcome outcome = encoding_decode(encoding, in, true, &out, &replaced, &misfit, NULL);
    assert(outcome == OUTCOME_DONE || outcome == OUTCOME_UNKNOWN);
    check_utf8((hexmcp_str){out.ptr ? out.ptr : "", out.len});
    if (encoding < ENCODING_WRITTEN)
        for (int to = 0; to < ENCODING_WRITTEN; to++)
            there_and_back((hexmcp_str){out.ptr ? out.ptr : "", out.len}, (enum encoding)to);
    bytes_free(&out);
}

static void change_lines(hexmcp_str text)
{
    for (int ending = 0; ending < LINE_COUNT; ending++) {
        struct bytes out = {0}, again = {0};
        assert(lines_end(text, (enum line_ending)ending, &out, NULL) == OUTCOME_DONE);
        const char *is = lines_ending_of(bytes_str(&out));
        assert(strcmp(is, line_ending_names[ending]) == 0 || strcmp(is, "none") == 0);
        assert(lines_end(bytes_str(&out), (enum line_ending)ending, &again, NULL) == OUTCOME_DONE);
        assert(again.len == out.len);
        bytes_free(&out);
        bytes_free(&again);
    }
    for (unsigned tab = 1; tab < 9; tab += 3) {
        struct bytes out = {0}, again = {0};
        assert(lines_indent(text, true, tab, &out, NULL) == OUTCOME_DONE);
        assert(lines_indent(bytes_str(&out), true, tab, &again, NULL) == OUTCOME_DONE);
        assert(again.len == out.len && (out.len == 0 || memcmp(again.ptr, out.ptr, out.len) == 0));
        bytes_free(&out);
        bytes_free(&again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int turn;
    enum detected_by by;
    hexmcp_str text = {(const char *)data, size};
    int found = size > 0 ? detect(text, &by) : 0;
    if (found >= 0)
        decode(found, text);
    if (!encoding_names[++turn])
        turn = 0;
    decode(turn, text);
    change_lines(text);
    return 0;
}
