/* Any bytes as a bibliography for citation-formatter: the first byte says in which format and style. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/tools/citation-formatter/format.h"
#include "../../plugins/tools/citation-formatter/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(char *text)
{
    assert(text);
    assert(utf8_valid(text, strlen(text)) == strlen(text));
    free(text);
}

static void format(const struct library *library, const struct style *style)
{
    struct formatted f;
    assert(format_make(library, style, NULL, 0, &f));
    for (size_t i = 0; i < f.count; i++) {
        take(format_citation(style, &f.by_citation[i]));
        take(format_reference(style, f.by_list[i]));
    }
    format_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct library library = {.count = 0};
    if (size == 0 || utf8_valid((const char *)data + 1, size - 1) < size - 1)
        return 0;
    if (data[0] & 8)
        yaml_read((const char *)data + 1, size - 1, &library);
    else
        bibtex_read((const char *)data + 1, size - 1, &library);
    assert(!library.broken || library.issue_count > 0);
    if (!library.broken) {
        library_check(&library);
        format(&library, styles[data[0] & 7]);
    }
    for (size_t i = 0; i < library.issue_count; i++)
        assert(utf8_valid(library.issues[i].message, strlen(library.issues[i].message)) ==
               strlen(library.issues[i].message));
    library_free(&library);
    return 0;
}
