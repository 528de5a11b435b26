#include "adapters/driven/plugin_host/elf_survey.h"

#include "adapters/driven/plugin_host/elf_file.h"

/* How many symbols the GNU hash table covers: the end of the chain that begins last. */
static uint64_t count_by_gnu_hash(const struct elf_file *elf)
{
    uint32_t head[4], first, last = 0, link = 0; /* buckets, first symbol, filter words, shift */
    if (!elf_file_copy(elf, elf->gnu_hash, head, sizeof(head)) || head[0] > elf->size / 4)
        return 0;
    uint64_t buckets = elf->gnu_hash + sizeof(head) + (uint64_t)head[2] * 8;
    uint64_t chains = buckets + (uint64_t)head[0] * 4;
    for (uint32_t i = 0; i < head[0]; i++)
        if (elf_file_copy(elf, buckets + (uint64_t)i * 4, &first, 4) && first > last)
            last = first;
    if (last < head[1])
        return head[1];
    for (; elf_file_copy(elf, chains + (uint64_t)(last - head[1]) * 4, &link, 4); last++)
        if (link & 1)
            return (uint64_t)last + 1;
    return last;
}

static uint64_t symbol_count(const struct elf_file *elf)
{
    uint32_t head[2]; /* buckets, chains: one chain a symbol */
    if (elf->gnu_hash)
        return count_by_gnu_hash(elf);
    return elf_file_copy(elf, elf->sysv_hash, head, sizeof(head)) ? head[1] : 0;
}

static void visit_symbol(const struct elf_file *elf, const struct elf_visitor *visitor,
                         const Elf64_Sym *symbol)
{
    struct str name;
    unsigned bind = ELF64_ST_BIND(symbol->st_info);
    unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
    if (bind == STB_LOCAL || !elf_file_string(elf, symbol->st_name, &name) || !name.len)
        return;
    if (symbol->st_shndx == SHN_UNDEF) {
        if (visitor->undefined)
            visitor->undefined(visitor->ctx, name, bind == STB_WEAK);
    } else if (visitor->exported && (visibility == STV_DEFAULT || visibility == STV_PROTECTED)) {
        visitor->exported(visitor->ctx, name);
    }
}

static void visit_dynamic(const struct elf_file *elf, const struct elf_visitor *visitor,
                          struct elf_survey *out)
{
    Elf64_Dyn d;
    struct str text;
    for (size_t i = 0; elf_file_dynamic(elf, i, &d); i++) {
        bool path = d.d_tag == DT_RPATH || d.d_tag == DT_RUNPATH;
        if (d.d_tag == DT_TEXTREL || (d.d_tag == DT_FLAGS && (d.d_un.d_val & DF_TEXTREL)))
            out->text_relocations = true;
        if ((d.d_tag != DT_NEEDED && !path) || !elf_file_string(elf, d.d_un.d_val, &text))
            continue;
        if (path && visitor->search_path)
            visitor->search_path(visitor->ctx, text);
        if (!path && visitor->needed)
            visitor->needed(visitor->ctx, text);
    }
}

int elf_survey(struct str image, const struct elf_visitor *visitor, struct elf_survey *out,
               struct error *err)
{
    struct elf_file elf;
    Elf64_Sym symbol;
    int rc = elf_file_open(image, &elf, err);
    if (rc)
        return rc;
    /* Without a word about the stack the loader makes it executable. */
    *out = (struct elf_survey){.executable_stack = true};
    for (size_t i = 0; i < elf.segment_count; i++)
        if (elf.segments[i].p_type == PT_GNU_STACK)
            out->executable_stack = (elf.segments[i].p_flags & PF_X) != 0;
    visit_dynamic(&elf, visitor, out);
    uint64_t count = symbol_count(&elf);
    for (uint64_t i = 1; i < count && elf_file_symbol(&elf, i, &symbol); i++)
        visit_symbol(&elf, visitor, &symbol);
    return ST_OK;
}
