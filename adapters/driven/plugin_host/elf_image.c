#include "adapters/driven/plugin_host/elf_image.h"

#include <string.h>

#include "adapters/driven/plugin_host/elf_file.h"
#include "core/json/writer.h"

#define MAX_NEEDED 256

/* True if symbol `index` is an exported definition named `name`. */
static bool symbol_is(const struct elf_file *elf, uint32_t index, struct str name, Elf64_Sym *out)
{
    Elf64_Sym symbol;
    struct str its;
    if (!elf_file_symbol(elf, index, &symbol) || symbol.st_shndx == SHN_UNDEF ||
        ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ||
        !elf_file_string(elf, symbol.st_name, &its) || !str_eq(its, name))
        return false;
    *out = symbol;
    return true;
}

static uint32_t gnu_hash_of(struct str name)
{
    uint32_t hash = 5381;
    for (size_t i = 0; i < name.len; i++)
        hash = hash * 33 + (unsigned char)name.ptr[i];
    return hash;
}

static bool find_by_gnu_hash(const struct elf_file *elf, struct str name, Elf64_Sym *out)
{
    uint32_t head[4]; /* buckets, first symbol, words in the filter, shift */
    if (!elf_file_copy(elf, elf->gnu_hash, head, sizeof(head)) || head[0] == 0)
        return false;
    uint64_t buckets = elf->gnu_hash + sizeof(head) + (uint64_t)head[2] * 8;
    uint64_t chains = buckets + (uint64_t)head[0] * 4;
    uint32_t hash = gnu_hash_of(name), symbol, link;
    if (!elf_file_copy(elf, buckets + (uint64_t)(hash % head[0]) * 4, &symbol, 4) ||
        symbol < head[1])
        return false;
    for (;; symbol++) {
        if (!elf_file_copy(elf, chains + (uint64_t)(symbol - head[1]) * 4, &link, 4))
            return false;
        if ((link | 1) == (hash | 1) && symbol_is(elf, symbol, name, out))
            return true;
        if (link & 1)
            return false;
    }
}

static uint32_t sysv_hash_of(struct str name)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash << 4) + (unsigned char)name.ptr[i];
        uint32_t high = hash & 0xF0000000u;
        hash = (hash ^ (high >> 24)) & ~high;
    }
    return hash;
}

static bool find_by_sysv_hash(const struct elf_file *elf, struct str name, Elf64_Sym *out)
{
    uint32_t head[2]; /* buckets, chains */
    if (!elf_file_copy(elf, elf->sysv_hash, head, sizeof(head)) || head[0] == 0)
        return false;
    uint64_t buckets = elf->sysv_hash + sizeof(head);
    uint64_t chains = buckets + (uint64_t)head[0] * 4;
    uint32_t symbol = 0;
    uint64_t from = buckets + (uint64_t)(sysv_hash_of(name) % head[0]) * 4;
    /* A chain in a hostile file may be a ring: no more steps than there are symbols in the file. */
    for (uint64_t steps = 0; steps <= elf->size / sizeof(Elf64_Sym); steps++) {
        if (!elf_file_copy(elf, from, &symbol, 4) || symbol == 0)
            return false;
        if (symbol_is(elf, symbol, name, out))
            return true;
        from = chains + (uint64_t)symbol * 4;
    }
    return false;
}

static bool find_symbol(const struct elf_file *elf, struct str name, unsigned type, Elf64_Sym *out)
{
    bool found =
        elf->gnu_hash ? find_by_gnu_hash(elf, name, out) : find_by_sysv_hash(elf, name, out);
    return found && ELF64_ST_TYPE(out->st_info) == type;
}

static int read_info(const struct elf_file *elf, hexmcp_plugin_info_1 *out, struct error *err)
{
    Elf64_Sym symbol;
    if (!find_symbol(elf, STR("hexmcp_plugin_info"), STT_OBJECT, &symbol))
        return elf_file_fail(err,
                             "exports no constant hexmcp_plugin_info; use HEXMCP_PLUGIN_DEFINE");
    if (symbol.st_size < sizeof(*out) || !elf_file_copy(elf, symbol.st_value, out, sizeof(*out)))
        return elf_file_fail(err, "hexmcp_plugin_info is too small");
    if (memcmp(out->magic, HEXMCP_MAGIC, sizeof(out->magic)) != 0 || out->size < sizeof(*out))
        return elf_file_fail(err, "hexmcp_plugin_info does not begin with its magic and size");
    if (!memchr(out->id, '\0', sizeof(out->id)) ||
        !memchr(out->version, '\0', sizeof(out->version)))
        return elf_file_fail(err, "id or version in hexmcp_plugin_info is too long");
    return ST_OK;
}

static void read_needed(const struct elf_file *elf, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    Elf64_Dyn d;
    struct str name;
    size_t count = 0;
    json_begin_array(&w);
    for (size_t i = 0; elf_file_dynamic(elf, i, &d) && count < MAX_NEEDED; i++)
        if (d.d_tag == DT_NEEDED && elf_file_string(elf, d.d_un.d_val, &name) && name.len < 256) {
            json_write_string(&w, name);
            count++;
        }
    json_end_array(&w);
}

int elf_read(struct str bytes, struct elf_facts *out, enum refusal *why, struct error *err)
{
    struct elf_file elf;
    hexmcp_plugin_info_1 info;
    Elf64_Sym create;
    *why = REFUSED_ELF;
    int rc = elf_file_open(bytes, &elf, err);
    if (rc)
        return rc;
    *why = REFUSED_SYMBOL;
    rc = read_info(&elf, &info, err);
    if (rc)
        return rc;
    if (!find_symbol(&elf, STR("hexmcp_plugin_create"), STT_FUNC, &create))
        return elf_file_fail(err,
                             "exports no function hexmcp_plugin_create; use HEXMCP_PLUGIN_DEFINE");
    out->info = info;
    out->needed = (struct buffer)BUFFER_INIT;
    read_needed(&elf, &out->needed);
    return ST_OK;
}
