#include "adapters/driven/plugin_host/elf_image.h"

#include <elf.h>
#include <stddef.h>

#include "core/json/writer.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_MACHINE EM_PPC64
#else
#error "the plugin loader knows no ELF machine number for this processor"
#endif

#define MAX_SEGMENTS 64
#define MAX_NEEDED 256

struct image {
    const char *bytes;
    size_t size;
    Elf64_Ehdr head;
    Elf64_Phdr segments[MAX_SEGMENTS];
    size_t segment_count;
    /* From the dynamic section, addresses not yet translated; 0 if absent. */
    uint64_t symbols, strings, strings_size, gnu_hash, sysv_hash;
    uint64_t dynamic_at, dynamic_size; /* where the dynamic section lies in the file */
};

/* Copies a structure from anywhere in the file. */
static bool copy_at(const struct image *im, uint64_t at, void *out, size_t size)
{
    if (at > im->size || size > im->size - at)
        return false;
    memcpy(out, im->bytes + at, size);
    return true;
}

/* The file offset of `size` bytes that are loaded at `address`. */
static bool offset_of(const struct image *im, uint64_t address, uint64_t size, uint64_t *out)
{
    for (size_t i = 0; i < im->segment_count; i++) {
        const Elf64_Phdr *s = &im->segments[i];
        if (s->p_type != PT_LOAD || address < s->p_vaddr || address - s->p_vaddr > s->p_filesz ||
            size > s->p_filesz - (address - s->p_vaddr))
            continue;
        uint64_t at = s->p_offset + (address - s->p_vaddr);
        if (at < s->p_offset || at > im->size || size > im->size - at)
            return false;
        *out = at;
        return true;
    }
    return false;
}

static bool copy_loaded(const struct image *im, uint64_t address, void *out, size_t size)
{
    uint64_t at;
    return offset_of(im, address, size, &at) && copy_at(im, at, out, size);
}

static int fail(struct error *err, const char *what)
{
    return error_set(err, ST_INVALID, "plugin.so: %s", what);
}

static int check_head(const struct image *im, struct error *err)
{
    const Elf64_Ehdr *h = &im->head;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return fail(err, "no ELF file");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
        return fail(err, "no 64-bit little-endian ELF file");
    if (h->e_machine != OWN_MACHINE)
        return error_set(err, ST_INVALID,
                         "plugin.so: built for ELF machine %u, this hexmcp runs on %u; build the "
                         "plugin for this processor",
                         h->e_machine, (unsigned)OWN_MACHINE);
    if (h->e_type != ET_DYN)
        return fail(err, "no shared library");
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum > MAX_SEGMENTS)
        return fail(err, "unreadable program headers");
    return ST_OK;
}

static int read_segments(struct image *im, struct error *err)
{
    im->segment_count = im->head.e_phnum;
    size_t bytes = im->segment_count * sizeof(Elf64_Phdr);
    if (!copy_at(im, im->head.e_phoff, im->segments, bytes))
        return fail(err, "cut off in its program headers");
    for (size_t i = 0; i < im->segment_count; i++)
        if (im->segments[i].p_type == PT_DYNAMIC) {
            im->dynamic_at = im->segments[i].p_offset;
            im->dynamic_size = im->segments[i].p_filesz;
            return ST_OK;
        }
    return fail(err, "no dynamic section");
}

/* The entry `index` of the dynamic section; false behind its end. */
static bool dynamic_entry(const struct image *im, size_t index, Elf64_Dyn *out)
{
    uint64_t at = (uint64_t)index * sizeof(*out);
    if (at + sizeof(*out) > im->dynamic_size ||
        !copy_at(im, im->dynamic_at + at, out, sizeof(*out)))
        return false;
    return out->d_tag != DT_NULL;
}

static int read_dynamic(struct image *im, struct error *err)
{
    Elf64_Dyn d;
    if (im->dynamic_at > im->size)
        return fail(err, "cut off in its dynamic section");
    for (size_t i = 0; dynamic_entry(im, i, &d); i++) {
        switch (d.d_tag) {
        case DT_SYMTAB:
            im->symbols = d.d_un.d_ptr;
            break;
        case DT_STRTAB:
            im->strings = d.d_un.d_ptr;
            break;
        case DT_STRSZ:
            im->strings_size = d.d_un.d_val;
            break;
        case DT_GNU_HASH:
            im->gnu_hash = d.d_un.d_ptr;
            break;
        case DT_HASH:
            im->sysv_hash = d.d_un.d_ptr;
            break;
        default:
            break;
        }
    }
    if (!im->symbols || !im->strings || !(im->gnu_hash || im->sysv_hash))
        return fail(err, "no table of exported symbols");
    return ST_OK;
}

/* The string at `index` of the string table. */
static bool string_at(const struct image *im, uint64_t index, struct str *out)
{
    uint64_t at;
    if (index >= im->strings_size ||
        !offset_of(im, im->strings + index, im->strings_size - index, &at))
        return false;
    const char *text = im->bytes + at;
    const char *end = memchr(text, '\0', (size_t)(im->strings_size - index));
    if (!end)
        return false;
    *out = (struct str){text, (size_t)(end - text)};
    return true;
}

/* True if symbol `index` is an exported definition named `name`. */
static bool symbol_is(const struct image *im, uint32_t index, struct str name, Elf64_Sym *out)
{
    Elf64_Sym symbol;
    struct str its;
    if (!copy_loaded(im, im->symbols + (uint64_t)index * sizeof(symbol), &symbol, sizeof(symbol)) ||
        symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ||
        !string_at(im, symbol.st_name, &its) || !str_eq(its, name))
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

static bool find_by_gnu_hash(const struct image *im, struct str name, Elf64_Sym *out)
{
    uint32_t head[4]; /* buckets, first symbol, words in the filter, shift */
    if (!copy_loaded(im, im->gnu_hash, head, sizeof(head)) || head[0] == 0)
        return false;
    uint64_t buckets = im->gnu_hash + sizeof(head) + (uint64_t)head[2] * 8;
    uint64_t chains = buckets + (uint64_t)head[0] * 4;
    uint32_t hash = gnu_hash_of(name), symbol, link;
    if (!copy_loaded(im, buckets + (uint64_t)(hash % head[0]) * 4, &symbol, 4) || symbol < head[1])
        return false;
    for (;; symbol++) {
        if (!copy_loaded(im, chains + (uint64_t)(symbol - head[1]) * 4, &link, 4))
            return false;
        if ((link | 1) == (hash | 1) && symbol_is(im, symbol, name, out))
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

static bool find_by_sysv_hash(const struct image *im, struct str name, Elf64_Sym *out)
{
    uint32_t head[2]; /* buckets, chains */
    if (!copy_loaded(im, im->sysv_hash, head, sizeof(head)) || head[0] == 0)
        return false;
    uint64_t buckets = im->sysv_hash + sizeof(head);
    uint64_t chains = buckets + (uint64_t)head[0] * 4;
    uint32_t symbol = 0;
    uint64_t from = buckets + (uint64_t)(sysv_hash_of(name) % head[0]) * 4;
    /* A chain in a hostile file may be a ring: no more steps than there are symbols in the file. */
    for (uint64_t steps = 0; steps <= im->size / sizeof(Elf64_Sym); steps++) {
        if (!copy_loaded(im, from, &symbol, 4) || symbol == 0)
            return false;
        if (symbol_is(im, symbol, name, out))
            return true;
        from = chains + (uint64_t)symbol * 4;
    }
    return false;
}

static bool find_symbol(const struct image *im, struct str name, unsigned type, Elf64_Sym *out)
{
    bool found = im->gnu_hash ? find_by_gnu_hash(im, name, out) : find_by_sysv_hash(im, name, out);
    return found && ELF64_ST_TYPE(out->st_info) == type;
}

static int read_info(const struct image *im, hexmcp_plugin_info_1 *out, struct error *err)
{
    Elf64_Sym symbol;
    if (!find_symbol(im, STR("hexmcp_plugin_info"), STT_OBJECT, &symbol))
        return fail(err, "exports no constant hexmcp_plugin_info; use HEXMCP_PLUGIN_DEFINE");
    if (symbol.st_size < sizeof(*out) || !copy_loaded(im, symbol.st_value, out, sizeof(*out)))
        return fail(err, "hexmcp_plugin_info is too small");
    if (memcmp(out->magic, HEXMCP_MAGIC, sizeof(out->magic)) != 0 || out->size < sizeof(*out))
        return fail(err, "hexmcp_plugin_info does not begin with its magic and size");
    if (!memchr(out->id, '\0', sizeof(out->id)) ||
        !memchr(out->version, '\0', sizeof(out->version)))
        return fail(err, "id or version in hexmcp_plugin_info is too long");
    return ST_OK;
}

static void read_needed(const struct image *im, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    Elf64_Dyn d;
    struct str name;
    size_t count = 0;
    json_begin_array(&w);
    for (size_t i = 0; dynamic_entry(im, i, &d) && count < MAX_NEEDED; i++)
        if (d.d_tag == DT_NEEDED && string_at(im, d.d_un.d_val, &name) && name.len < 256) {
            json_write_string(&w, name);
            count++;
        }
    json_end_array(&w);
}

int elf_read(struct str bytes, struct elf_facts *out, enum refusal *why, struct error *err)
{
    struct image im = {.bytes = bytes.ptr, .size = bytes.len};
    hexmcp_plugin_info_1 info;
    Elf64_Sym create;
    *why = REFUSED_ELF;
    if (!copy_at(&im, 0, &im.head, sizeof(im.head)))
        return fail(err, "no ELF file");
    int rc = check_head(&im, err);
    if (!rc)
        rc = read_segments(&im, err);
    if (!rc)
        rc = read_dynamic(&im, err);
    if (rc)
        return rc;
    *why = REFUSED_SYMBOL;
    rc = read_info(&im, &info, err);
    if (rc)
        return rc;
    if (!find_symbol(&im, STR("hexmcp_plugin_create"), STT_FUNC, &create))
        return fail(err, "exports no function hexmcp_plugin_create; use HEXMCP_PLUGIN_DEFINE");
    out->info = info;
    out->needed = (struct buffer)BUFFER_INIT;
    read_needed(&im, &out->needed);
    return ST_OK;
}
