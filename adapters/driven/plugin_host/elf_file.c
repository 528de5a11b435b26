#include "adapters/driven/plugin_host/elf_file.h"

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

/* Copies a structure from anywhere in the file. */
static bool copy_at(const struct elf_file *elf, uint64_t at, void *out, size_t size)
{
    if (at > elf->size || size > elf->size - at)
        return false;
    memcpy(out, elf->bytes + at, size);
    return true;
}

/* The file offset of `size` bytes that are loaded at `address`. */
static bool offset_of(const struct elf_file *elf, uint64_t address, uint64_t size, uint64_t *out)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *s = &elf->segments[i];
        if (s->p_type != PT_LOAD || address < s->p_vaddr || address - s->p_vaddr > s->p_filesz ||
            size > s->p_filesz - (address - s->p_vaddr))
            continue;
        uint64_t at = s->p_offset + (address - s->p_vaddr);
        if (at < s->p_offset || at > elf->size || size > elf->size - at)
            return false;
        *out = at;
        return true;
    }
    return false;
}

bool elf_file_copy(const struct elf_file *elf, uint64_t address, void *out, size_t size)
{
    uint64_t at;
    return offset_of(elf, address, size, &at) && copy_at(elf, at, out, size);
}

int elf_file_fail(struct error *err, const char *what)
{
    return error_set(err, ST_INVALID, "plugin.so: %s", what);
}

static int check_head(const struct elf_file *elf, struct error *err)
{
    const Elf64_Ehdr *h = &elf->head;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return elf_file_fail(err, "no ELF file");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
        return elf_file_fail(err, "no 64-bit little-endian ELF file");
    if (h->e_machine != OWN_MACHINE)
        return error_set(err, ST_INVALID,
                         "plugin.so: built for ELF machine %u, this hexmcp runs on %u; build the "
                         "plugin for this processor",
                         h->e_machine, (unsigned)OWN_MACHINE);
    if (h->e_type != ET_DYN)
        return elf_file_fail(err, "no shared library");
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum > ELF_MAX_SEGMENTS)
        return elf_file_fail(err, "unreadable program headers");
    return ST_OK;
}

static int read_segments(struct elf_file *elf, struct error *err)
{
    elf->segment_count = elf->head.e_phnum;
    size_t bytes = elf->segment_count * sizeof(Elf64_Phdr);
    if (!copy_at(elf, elf->head.e_phoff, elf->segments, bytes))
        return elf_file_fail(err, "cut off in its program headers");
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == PT_DYNAMIC) {
            elf->dynamic_at = elf->segments[i].p_offset;
            elf->dynamic_size = elf->segments[i].p_filesz;
            return ST_OK;
        }
    return elf_file_fail(err, "no dynamic section");
}

bool elf_file_dynamic(const struct elf_file *elf, size_t index, Elf64_Dyn *out)
{
    uint64_t at = (uint64_t)index * sizeof(*out);
    if (at + sizeof(*out) > elf->dynamic_size ||
        !copy_at(elf, elf->dynamic_at + at, out, sizeof(*out)))
        return false;
    return out->d_tag != DT_NULL;
}

static int read_dynamic(struct elf_file *elf, struct error *err)
{
    Elf64_Dyn d;
    if (elf->dynamic_at > elf->size)
        return elf_file_fail(err, "cut off in its dynamic section");
    for (size_t i = 0; elf_file_dynamic(elf, i, &d); i++) {
        switch (d.d_tag) {
        case DT_SYMTAB:
            elf->symbols = d.d_un.d_ptr;
            break;
        case DT_STRTAB:
            elf->strings = d.d_un.d_ptr;
            break;
        case DT_STRSZ:
            elf->strings_size = d.d_un.d_val;
            break;
        case DT_GNU_HASH:
            elf->gnu_hash = d.d_un.d_ptr;
            break;
        case DT_HASH:
            elf->sysv_hash = d.d_un.d_ptr;
            break;
        default:
            break;
        }
    }
    if (!elf->symbols || !elf->strings || !(elf->gnu_hash || elf->sysv_hash))
        return elf_file_fail(err, "no table of exported symbols");
    return ST_OK;
}

bool elf_file_string(const struct elf_file *elf, uint64_t index, struct str *out)
{
    uint64_t at;
    if (index >= elf->strings_size ||
        !offset_of(elf, elf->strings + index, elf->strings_size - index, &at))
        return false;
    const char *text = elf->bytes + at;
    const char *end = memchr(text, '\0', (size_t)(elf->strings_size - index));
    if (!end)
        return false;
    *out = (struct str){text, (size_t)(end - text)};
    return true;
}

bool elf_file_symbol(const struct elf_file *elf, uint64_t index, Elf64_Sym *out)
{
    return index < elf->size / sizeof(*out) &&
           elf_file_copy(elf, elf->symbols + index * sizeof(*out), out, sizeof(*out));
}

int elf_file_open(struct str image, struct elf_file *out, struct error *err)
{
    *out = (struct elf_file){.bytes = image.ptr, .size = image.len};
    if (!copy_at(out, 0, &out->head, sizeof(out->head)))
        return elf_file_fail(err, "no ELF file");
    int rc = check_head(out, err);
    if (!rc)
        rc = read_segments(out, err);
    if (!rc)
        rc = read_dynamic(out, err);
    return rc;
}
