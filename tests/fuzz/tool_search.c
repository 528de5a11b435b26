/* The first line of the input is a pattern, the second a glob; the rest is searched with the one and
 * matched with the other. A line that the quick way finds or passes over is compared with the slow
 * way: each line by itself. */
#include "plugins/tools/file-search/glob.h"
#include "plugins/tools/file-search/matcher.h"
#include "tests/fuzz/tool_with_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hexmcp_str cut_line(hexmcp_str *text)
{
    const char *end = memchr(text->ptr, '\n', text->len);
    hexmcp_str line = {text->ptr, end ? (size_t)(end - text->ptr) : text->len};
    size_t used = line.len + (end != NULL);
    *text = (hexmcp_str){text->ptr + used, text->len - used};
    return line;
}

/* The number of lines that match, found from line to line. */
static size_t count(struct matcher *matcher, hexmcp_str text, int *hard)
{
    struct line line = {0};
    size_t lines = 0, from = 0;
    int found;
    while ((found = matcher_next(matcher, text.ptr, text.len, from, &line)) != REGEX_NONE) {
        *hard |= found == REGEX_TOO_HARD;
        assert(line.next > from && line.next <= text.len && line.begin >= from);
        if (found == REGEX_FOUND) {
            lines++;
            assert(line.begin <= line.match_begin && line.match_begin <= line.match_end);
            assert(line.match_end <= line.end && line.end <= line.next);
        }
        from = line.next;
    }
    return lines;
}

static void compare(struct request *request, hexmcp_str text)
{
    struct matcher *matcher = NULL;
    hexmcp_error err = {.size = sizeof(err)};
    int hard = 0;
    size_t slow = 0;
    if (matcher_new(request, NULL, NULL, &matcher, &err) != HEXMCP_OK) {
        assert(err.text[0] != '\0');
        return;
    }
    size_t quick = count(matcher, text, &hard);
    for (hexmcp_str rest = text; rest.len > 0;) {
        const char *begin = rest.ptr;
        cut_line(&rest);
        slow += count(matcher, (hexmcp_str){begin, (size_t)(rest.ptr - begin)}, &hard);
    }
    assert(hard || quick == slow);
    matcher_free(matcher);
}

static void match(hexmcp_str pattern, hexmcp_str text)
{
    struct glob *glob = NULL;
    hexmcp_error err = {.size = sizeof(err)};
    char path[600];
    if (glob_new(pattern, "include", &glob, &err) != HEXMCP_OK) {
        assert(err.text[0] != '\0');
        return;
    }
    size_t len = text.len < sizeof(path) - 1 ? text.len : sizeof(path) - 1;
    memcpy(path, text.ptr, len);
    path[len] = '\0';
    const char *slash = strrchr(path, '/');
    glob_matches(glob, path, slash ? slash + 1 : path);
    glob_free(glob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str text = {(const char *)data, size};
    struct request request = {.use_regex = size % 2 == 0, .case_sensitive = size % 3 == 0};
    tool_fuzz_with_files("file-search", data, size);
    if (size == 0)
        return 0;
    request.pattern = cut_line(&text);
    hexmcp_str glob = text.len > 0 ? cut_line(&text) : text;
    if (request.pattern.len == 0)
        return 0;
    match(glob, text);
    compare(&request, text);
    return 0;
}
