#include <unistd.h>

#include "adapters/driven/plugin_host/index_format.h"
#include "adapters/driven/plugin_host/mapping.h"
#include "plugin_index_build_id.h"

static uint64_t fnv(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

uint64_t index_checksum(const struct index_head *head, const struct index_slot *slots)
{
    struct index_head copy = *head;
    copy.checksum = 0;
    return fnv(fnv(14695981039346656037u, &copy, sizeof(copy)), slots,
               head->count * sizeof(*slots));
}

int index_order(struct str place, struct str folder, const struct record *r)
{
    int order = str_cmp(place, record_text(r, TEXT_PLACE));
    return order ? order : str_cmp(folder, record_text(r, TEXT_FOLDER));
}

static const char *check_head(struct str bytes, bool relocatable)
{
    const struct index_head *head = (const void *)bytes.ptr;
    if (bytes.len < sizeof(*head) || bytes.len > INDEX_MAX_BYTES ||
        memcmp(head->magic, INDEX_MAGIC, sizeof(head->magic)) != 0)
        return "it is no plugin index";
    if (memcmp(head->build_id, PLUGIN_INDEX_BUILD_ID, INDEX_BUILD_ID_BYTES) != 0)
        return "it was made by another build of hexmcp";
    if (head->file_size != bytes.len || head->relocatable != relocatable ||
        head->count > (bytes.len - sizeof(*head)) / sizeof(struct index_slot))
        return "its head is damaged";
    if (index_checksum(head, (const void *)(head + 1)) != head->checksum)
        return "its checksum is wrong";
    return NULL;
}

static bool slot_valid(struct str bytes, struct index_slot slot)
{
    return slot.at % 8 == 0 && slot.at <= bytes.len && slot.size <= bytes.len - slot.at &&
           record_valid(bytes.ptr + slot.at, slot.size);
}

int index_read(struct str bytes, bool relocatable, struct index *out, struct error *err)
{
    const char *fault = check_head(bytes, relocatable);
    if (fault)
        return error_set(err, ST_INVALID, "the plugin index is not used: %s", fault);
    const struct index_head *head = (const void *)bytes.ptr;
    const struct index_slot *slots = (const void *)(head + 1);
    for (uint32_t i = 0; i < head->count; i++)
        if (!slot_valid(bytes, slots[i]))
            return error_set(err, ST_INVALID, "the plugin index is not used: record %u is damaged",
                             i);
    *out = (struct index){bytes, slots, head->count, relocatable};
    return ST_OK;
}

int index_open(int fd, size_t size, bool relocatable, struct index *out, struct error *err)
{
    struct str bytes;
    int rc = mapping_open(fd, size, &bytes, err);
    close(fd);
    if (rc)
        return rc;
    rc = index_read(bytes, relocatable, out, err);
    if (rc)
        mapping_close(bytes);
    return rc;
}

void index_close(struct index *index)
{
    mapping_close(index->mapping);
    *index = (struct index)INDEX_EMPTY;
}

const struct record *index_find(const struct index *index, struct str place, struct str folder)
{
    uint32_t low = 0, high = index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct record *r = (const void *)(index->mapping.ptr + index->slots[middle].at);
        int order = index_order(place, folder, r);
        if (order == 0)
            return r;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool index_fresh(const struct index *index, const struct record *r,
                 const struct file_key *manifest, const struct file_key *binary)
{
    if (index->relocatable)
        return file_key_similar(&r->manifest, manifest) && file_key_similar(&r->binary, binary);
    return file_key_same(&r->manifest, manifest) && file_key_same(&r->binary, binary);
}

bool index_may_keep(const struct record *r)
{
    switch (r->refusal) {
    case REFUSED_NOT:
    case REFUSED_MANIFEST:
    case REFUSED_FOLDER_NAME:
    case REFUSED_ELF:
    case REFUSED_SYMBOL:
    case REFUSED_ABI:
    case REFUSED_MISMATCH:
    case REFUSED_DIGEST:
        return r->manifest.size && r->binary.size;
    default:
        return false;
    }
}
