/* Answers of search providers: a byte for which one and for what, then its JSON. */
#include <assert.h>
#include <stdint.h>

#include "core/json/json.h"
#include "plugins/tools/web-search/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_json_writer w;
    struct json_doc *doc;
    if (size == 0)
        return 0;
    const struct provider *p = providers[data[0] % 8];
    struct results results = {
        .json = &w, .provider = p->name, .most = 5, .skip = data[0] / 24 % 3, .unique = data[0] & 128};
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_array(&w);
    hexmcp_str answer = {(const char *)data + 1, size - 1};
    const struct ability *able = &p->abilities[data[0] / 8 % SEARCH_TYPES];
    if (p->read)
        p->read(answer, &results);
    else if (able->path)
        read_items(&results, answer, able->path, able->fields);
    results_forget(&results);
    hexmcp_json_end_array(&w);
    assert(hexmcp_json_writer_status(&w) == HEXMCP_OK && results.count <= results.most);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    assert(json_parse((struct str){text.ptr, text.len}, &doc, NULL) == 0);
    json_free(doc);
    hexmcp_json_writer_free(&w);
    return 0;
}
