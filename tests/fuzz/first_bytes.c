/* Any bytes as the first ones of a connection: however they are cut, they tell the same or not yet, and
 * what is told was in them. */
#include <assert.h>
#include <string.h>

#include "adapters/driving/listener/first_bytes.h"
#include "core/base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str bytes, bool local)
{
    enum first_bytes whole = first_bytes_tell(bytes, local);
    if (whole == FIRST_BYTES_LINES)
        assert(local && str_starts(bytes, STR(CONNECT_WORD)));
    if (whole == FIRST_BYTES_WEBSOCKET)
        assert(str_starts(bytes, STR("GET " WEBSOCKET_PATH)) && bytes.len < FIRST_BYTES_MAX);
    for (size_t len = 0; len < bytes.len; len++) {
        enum first_bytes begun = first_bytes_tell((struct str){bytes.ptr, len}, local);
        assert(begun == FIRST_BYTES_MORE || begun == whole);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    check(bytes, false);
    check(bytes, true);
    return 0;
}
