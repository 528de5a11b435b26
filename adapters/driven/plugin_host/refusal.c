#include "adapters/driven/plugin_host/refusal.h"

const char *refusal_name(enum refusal why)
{
    static const char *const names[REFUSED_COUNT] = {
        [REFUSED_NOT] = "",
        [REFUSED_FILE] = "file-unusable",
        [REFUSED_MANIFEST] = "manifest-invalid",
        [REFUSED_FOLDER_NAME] = "folder-name",
        [REFUSED_PERMISSION] = "writable-by-others",
        [REFUSED_SYMLINK] = "symlink-escape",
        [REFUSED_ELF] = "not-a-library",
        [REFUSED_SYMBOL] = "missing-symbol",
        [REFUSED_ABI] = "abi",
        [REFUSED_MISMATCH] = "manifest-binary-mismatch",
        [REFUSED_DIGEST] = "digest-mismatch",
        [REFUSED_ISOLATION] = "needs-isolation",
        [REFUSED_DUPLICATE] = "duplicate-id",
        [REFUSED_ABSENT] = "not-found",
        [REFUSED_HELD] = "held",
    };
    return (unsigned)why < REFUSED_COUNT ? names[why] : "";
}
