/*
 * The tables of a shared library that the loader would use, found through program headers and the
 * dynamic section. Nothing in the file is believed: every offset is checked against its size.
 */
#pragma once

#include <elf.h>

#include "core/base/error.h"
#include "core/base/str.h"

#define ELF_MAX_SEGMENTS 64

struct elf_file {
    const char *bytes;
    size_t size;
    Elf64_Ehdr head;
    Elf64_Phdr segments[ELF_MAX_SEGMENTS];
    size_t segment_count;
    /* From the dynamic section, addresses not yet translated; 0 if absent. */
    uint64_t symbols, strings, strings_size, gnu_hash, sysv_hash;
    uint64_t dynamic_at, dynamic_size; /* where the dynamic section lies in the file */
};

/* Reads the head, the segments and the dynamic section of the file's bytes `image`, which is
 * borrowed. Errors: ST_INVALID, the text begins with "plugin.so: ". */
int elf_file_open(struct str image, struct elf_file *out, struct error *err);

/* Copies `size` bytes that are loaded at `address`; false if the file does not hold them. */
bool elf_file_copy(const struct elf_file *elf, uint64_t address, void *out, size_t size);

/* The entry `index` of the dynamic section; false behind its end. */
bool elf_file_dynamic(const struct elf_file *elf, size_t index, Elf64_Dyn *out);

/* The string at `index` of the string table, borrowed from the image. */
bool elf_file_string(const struct elf_file *elf, uint64_t index, struct str *out);

/* The entry `index` of the table of symbols. */
bool elf_file_symbol(const struct elf_file *elf, uint64_t index, Elf64_Sym *out);

/* "plugin.so: <what>", ST_INVALID. */
int elf_file_fail(struct error *err, const char *what);
