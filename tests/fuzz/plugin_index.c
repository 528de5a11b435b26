/* An index that somebody else wrote: with a right head every offset in it is still checked. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/index_format.h"
#include "plugin_index_build_id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_head_right(char *bytes, size_t size)
{
    struct index_head *head = (void *)bytes;
    memcpy(head->magic, INDEX_MAGIC, sizeof(head->magic));
    memcpy(head->build_id, PLUGIN_INDEX_BUILD_ID, sizeof(head->build_id));
    head->file_size = size;
    head->relocatable = 0;
    if (head->count <= (size - sizeof(*head)) / sizeof(struct index_slot))
        head->checksum = index_checksum(head, (const void *)(head + 1));
}

static volatile uint64_t read_bytes; /* keeps the reads */

static void read_all(const struct index *index)
{
    for (uint32_t i = 0; i < index->count; i++) {
        const struct record *r = (const void *)(index->mapping.ptr + index->slots[i].at);
        uint64_t sum = 0;
        for (uint32_t t = 0; t < r->item_count; t++)
            sum += record_item_json(r, t).len + record_item_name(r, t).len;
        for (unsigned t = 0; t < TEXT_COUNT; t++)
            for (size_t at = 0; at < record_text(r, (enum record_text)t).len; at++)
                sum += (unsigned char)record_text(r, (enum record_text)t).ptr[at];
        index_find(index, record_text(r, TEXT_PLACE), STR("x"));
        read_bytes = sum;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct index index;
    struct error err;
    if (size < sizeof(struct index_head))
        return 0;
    char *bytes = malloc(size); /* aligned, as a mapping is */
    memcpy(bytes, data, size);
    make_head_right(bytes, size);
    if (index_read((struct str){bytes, size}, false, &index, &err) == ST_OK)
        read_all(&index);
    free(bytes);
    return 0;
}
