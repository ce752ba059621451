/* The C twin of _pure.py, which is the reference: same answers, less time.
 *
 * Only the common case is done here: GSM-7 or else UCS-2, an 8-bit reference, nothing else in the header. Everything
 * else, keyword arguments and errors among it, goes to the function of the same name in _pure.py. Tables are not
 * written again either: they are read from the alphabet objects when the module is loaded.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
/* Measuring a batch for less than a no-op call per text takes wide registers: without them it is four calls. They are
 * used in one function only, skip_plain, and only where the processor says that it has them. */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(SMSKIT_NO_AVX2)
#include <immintrin.h>
#define HAVE_AVX2 1
#endif

#if defined(__GNUC__)
#define HOT static inline __attribute__((always_inline))
#else
#define HOT static inline
#endif

#define ESCAPE 0x1B
#define MAX_WIDE 32

/* What stands for a character: its septet, with SHIFTED when the escape goes before it, or NO_PLACE. */
#define SHIFTED 0x80
#define NO_PLACE 0xFF

/* A campaign measures the same few results again and again: those made last are kept, each in a place of its own.
 * Without the GIL there would have to be a lock, which costs more than it saves. */
#ifdef Py_GIL_DISABLED
#define KEPT 0
#else
#define KEPT 256
#endif

typedef struct {
    PyObject *alphabet;                /* borrowed from the state */
    Py_ssize_t units, parts, per_part, room;
    Py_ssize_t culprit;                /* index, -1 for none */
    Py_UCS4 character;                 /* at that index */
    int heavy;                         /* whether some of its septets come in pairs */
} tally;

typedef struct {
    tally of;
    PyObject *measure;
} kept;

#define NUMBERS 161

typedef struct {
    PyObject *pure_measure, *pure_measure_many, *pure_encode, *pure_pack;
    PyObject *boundary;                /* clusters.boundary(text, start, stop) */
    PyObject *blocks;                  /* clusters.BLOCKS */
    const uint8_t *alone;              /* its octets */
    PyTypeObject *measure_type, *measures_type;
    PyObject *gsm7, *ucs2;             /* Alphabet */
    PyObject *numbers[NUMBERS];        /* from 0: units and parts are mostly among them */
    Py_ssize_t alone7, joined7, alone16, joined16;
    uint8_t septet[256];               /* of Latin-1 characters */
    uint8_t cost[256];                 /* 0 weighs one, 1 weighs two, COST_NO_PLACE */
    int avx2;                          /* whether this processor looks at 32 characters at a time */
    uint8_t low[16], high[16];         /* see read_halves */
    int wide_count;                    /* the other characters: the euro sign and ten Greek capitals */
    Py_UCS4 wide[MAX_WIDE];
    uint8_t wide_septet[MAX_WIDE];
    kept kept[KEPT + 1];
} module_state;

/* Eight costs add up to at most 8 unless one of them is this. */
#define COST_NO_PLACE 0x10

static inline uint8_t
septet_of(const module_state *state, Py_UCS4 character)
{
    if (character < 256)
        return state->septet[character];
    for (int i = 0; i < state->wide_count; i++)
        if (state->wide[i] == character)
            return state->wide_septet[i];
    return NO_PLACE;
}

#ifdef HAVE_AVX2
/* Index up to which all characters are plain (they weigh one), 32 at a time; stops early rather than late. */
__attribute__((target("avx2"))) static Py_ssize_t
skip_plain(const module_state *state, const Py_UCS1 *characters, Py_ssize_t length)
{
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)state->low));
    const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)state->high));
    const __m256i half = _mm256_set1_epi8(0x0F), none = _mm256_setzero_si256();
    Py_ssize_t i = 0;
    for (; i + 32 <= length; i += 32) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(characters + i));
        __m256i column = _mm256_shuffle_epi8(low, _mm256_and_si256(c, half));
        __m256i row = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(c, 4), half));
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(column, row), none)))
            break;
    }
    return i;
}
#endif

/* Index of the first character that has no place in GSM-7, or length; *units gets the septets before it. */
HOT Py_ssize_t
scan_septets(const module_state *state, int kind, const void *data, Py_ssize_t length, Py_ssize_t *units)
{
    Py_ssize_t i = 0, heavy = 0;
    if (kind == PyUnicode_1BYTE_KIND) {
        const uint8_t *cost = state->cost;
#ifdef HAVE_AVX2
        if (state->avx2)
            i = skip_plain(state, data, length);
#endif
        for (const Py_UCS1 *c = data; i + 8 <= length; i += 8) {
            unsigned sum = cost[c[i]] + cost[c[i + 1]] + cost[c[i + 2]] + cost[c[i + 3]] + cost[c[i + 4]]
                           + cost[c[i + 5]] + cost[c[i + 6]] + cost[c[i + 7]];
            if (sum >= COST_NO_PLACE)
                break;
            heavy += sum;
        }
    }
    for (; i < length; i++) {
        uint8_t septet = septet_of(state, PyUnicode_READ(kind, data, i));
        if (septet == NO_PLACE)
            break;
        heavy += septet >> 7;
    }
    *units = i + heavy;
    return i;
}

/* Index of the first character of two units from start on, or length. */
static inline Py_ssize_t
next_astral(int kind, const void *data, Py_ssize_t start, Py_ssize_t length)
{
    if (kind != PyUnicode_4BYTE_KIND)
        return length;
    const Py_UCS4 *character = data;
    /* Sixteen at a time, and two of them in one number. */
    for (; length - start >= 16; start += 16) {
        uint64_t any = 0, two;
        for (int i = 0; i < 16; i += 2) {
            memcpy(&two, character + start + i, sizeof(two));
            any |= two;
        }
        if (any & 0xFFFF0000FFFF0000)
            break;
    }
    while (start < length && character[start] <= 0xFFFF)
        start++;
    return start;
}

static Py_ssize_t
count_astral(int kind, const void *data, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t count = 0;
    while ((start = next_astral(kind, data, start, stop)) < stop) {
        start++;
        count++;
    }
    return count;
}

/* Whether there is a boundary between two characters for certain; if not, clusters.boundary is asked. */
HOT int
stand_apart(const module_state *state, Py_UCS4 before, Py_UCS4 after)
{
    return before < 0x20000 && state->alone[before >> 4] && after < 0x20000 && state->alone[after >> 4]
           && !(before == '\r' && after == '\n');
}

/* The last place not after stop where the text may be cut; -1 with an exception set. */
static Py_ssize_t
step_back(const module_state *state, PyObject *text, Py_ssize_t start, Py_ssize_t stop)
{
    PyObject *found = PyObject_CallFunction(state->boundary, "Onn", text, start, stop);
    Py_ssize_t cut = found == NULL ? -1 : PyLong_AsSsize_t(found);
    Py_XDECREF(found);
    return cut;
}

/* The two ways to fill a part: each gives the index at which the part that begins at start ends, and adds to *used. */
static Py_ssize_t
fill_septets(const module_state *state, const tally *out, int kind, const void *data, Py_ssize_t start,
             Py_ssize_t length, Py_ssize_t *used)
{
    Py_ssize_t stop = start;
    /* A text without any character of two septets needs no second look. */
    if (!out->heavy) {
        *used = length - start < out->per_part ? length - start : out->per_part;
        return start + *used;
    }
    for (Py_ssize_t weight; stop < length; stop++, *used += weight) {
        weight = 1 + (septet_of(state, PyUnicode_READ(kind, data, stop)) >> 7);
        if (*used + weight > out->per_part)
            break;
    }
    return stop;
}

/* *astral is the index of the next character of two units, and is moved on. */
HOT Py_ssize_t
fill_units(const tally *out, int kind, const void *data, Py_ssize_t start, Py_ssize_t length, Py_ssize_t *astral,
           Py_ssize_t *used)
{
    Py_ssize_t stop = start;
    for (;;) {
        Py_ssize_t room = out->per_part - *used;
        Py_ssize_t narrow = *astral - stop < room ? *astral - stop : room;
        stop += narrow;
        *used += narrow;
        if (stop == length || room - narrow < 2)
            return stop;
        stop++;
        *used += 2;
        *astral = next_astral(kind, data, stop, length);
    }
}

/* Counts the parts of a text that does not fit into one: 0, or -1 with an exception set. */
static int
count_parts(const module_state *state, PyObject *text, tally *out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), used = 0;
    Py_ssize_t astral = out->culprit < 0 ? length : next_astral(kind, data, 0, length);
    out->parts = 0;
    out->units = 0;
    for (Py_ssize_t start = 0, stop; start < length; start = stop, out->parts++) {
        used = 0;
        stop = out->culprit < 0 ? fill_septets(state, out, kind, data, start, length, &used)
                                : fill_units(out, kind, data, start, length, &astral, &used);
        if (stop < length
            && !stand_apart(state, PyUnicode_READ(kind, data, stop - 1), PyUnicode_READ(kind, data, stop))) {
            Py_ssize_t fewer = step_back(state, text, start, stop);
            if (fewer < 0)
                return -1;
            while (stop > fewer) {
                Py_UCS4 character = PyUnicode_READ(kind, data, --stop);
                used -= 1 + (out->culprit < 0 ? septet_of(state, character) >> 7 : character > 0xFFFF);
            }
            astral = out->culprit < 0 ? length : next_astral(kind, data, stop, length);
        }
        out->units += used;
    }
    out->room = out->per_part - used;
    return 0;
}

HOT int
measure_text(const module_state *state, PyObject *text, tally *out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t foreign = scan_septets(state, kind, data, length, &out->units);
    int septets = foreign == length;
    Py_ssize_t alone = septets ? state->alone7 : state->alone16;

    out->heavy = septets && out->units > length;
    out->culprit = septets ? -1 : foreign;
    out->character = septets ? 0 : PyUnicode_READ(kind, data, foreign);
    out->alphabet = septets ? state->gsm7 : state->ucs2;
    if (length <= alone) {
        if (!septets)
            out->units = length + count_astral(kind, data, 0, length);
        if (out->units <= alone) {
            out->parts = 1;
            out->per_part = alone;
            out->room = alone - out->units;
            return 0;
        }
    }
    out->per_part = septets ? state->joined7 : state->joined16;
    return count_parts(state, text, out);
}

HOT PyObject *
number(const module_state *state, Py_ssize_t value)
{
    return value < NUMBERS ? Py_NewRef(state->numbers[value]) : PyLong_FromSsize_t(value);
}

/* A named tuple of n items. */
static PyObject *
new_named_tuple(PyTypeObject *type, PyObject **items, Py_ssize_t n)
{
    PyObject *made = NULL;
#if PY_VERSION_HEX < 0x030E0000
    made = type->tp_alloc(type, n);
    if (made != NULL)
        for (Py_ssize_t i = 0; i < n; i++)
            PyTuple_SET_ITEM(made, i, Py_NewRef(items[i]));
#else
    /* Tuples keep their hash since 3.14; only tuple.__new__ starts it right. */
    PyObject *plain = PyTuple_New(n), *arguments;
    if (plain == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < n; i++)
        PyTuple_SET_ITEM(plain, i, Py_NewRef(items[i]));
    arguments = PyTuple_Pack(1, plain);
    if (arguments != NULL)
        made = PyTuple_Type.tp_new(type, arguments, NULL);
    Py_XDECREF(arguments);
    Py_DECREF(plain);
#endif
    return made;
}

static PyObject *
make_measure(const module_state *state, const tally *found)
{
    int clean = found->culprit < 0;
    PyObject *made = NULL, *items[7] = {
        Py_NewRef(found->alphabet),
        number(state, found->units),
        number(state, found->parts),
        number(state, found->per_part),
        number(state, found->room),
        clean ? Py_NewRef(Py_None) : PyUnicode_FromOrdinal((int)found->character),
        clean ? Py_NewRef(Py_None) : PyLong_FromSsize_t(found->culprit),
    };
    int complete = 1;
    for (int i = 0; i < 7; i++)
        complete &= items[i] != NULL;
    if (complete)
        made = new_named_tuple(state->measure_type, items, 7);
    for (int i = 0; i < 7; i++)
        Py_XDECREF(items[i]);
    return made;
}

static inline int
same(const tally *a, const tally *b)
{
    /* Parts, room and alphabet are looked at as well as what they follow from: it is cheaper than a proof. */
    return a->units == b->units && a->culprit == b->culprit && a->character == b->character && a->parts == b->parts
           && a->room == b->room && a->alphabet == b->alphabet;
}

static PyObject *
measure(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    module_state *state = PyModule_GetState(module);
    if (nargs != 1 || kwnames != NULL || !PyUnicode_Check(args[0]))
        return PyObject_Vectorcall(state->pure_measure, args, nargs, kwnames);
    tally found;
    if (measure_text(state, args[0], &found) < 0)
        return NULL;
    if (!KEPT)
        return make_measure(state, &found);
    kept *place = &state->kept[((size_t)found.units + 7 * (size_t)found.culprit + found.character) % (KEPT + !KEPT)];
    if (place->measure == NULL || !same(&place->of, &found)) {
        PyObject *made = make_measure(state, &found);
        if (made == NULL)
            return NULL;
        place->of = found;
        Py_XSETREF(place->measure, made);
    }
    return Py_NewRef(place->measure);
}

/* Fills three tuples of the same length as texts; 0, or -1 with an exception set. */
static int
measure_columns(const module_state *state, PyObject *texts, Py_ssize_t n, PyObject *columns[3])
{
    for (Py_ssize_t i = 0; i < n; i++) {
        tally found;
        if (PySequence_Fast_GET_SIZE(texts) != n) {
            PyErr_SetString(PyExc_RuntimeError, "texts changed while they were measured");
            return -1;
        }
        PyObject *text = Py_NewRef(PySequence_Fast_GET_ITEM(texts, i));
        if (!PyUnicode_Check(text)) {
            PyObject *raised = PyObject_CallOneArg(state->pure_measure, text);
            Py_XDECREF(raised);
            Py_DECREF(text);
            return -1;
        }
        int failed = measure_text(state, text, &found) < 0;
        Py_DECREF(text);
        if (failed)
            return -1;
        PyObject *parts = number(state, found.parts), *units = number(state, found.units);
        PyTuple_SET_ITEM(columns[0], i, parts);
        PyTuple_SET_ITEM(columns[1], i, units);
        PyTuple_SET_ITEM(columns[2], i, Py_NewRef(found.alphabet));
        if (parts == NULL || units == NULL)
            return -1;
    }
    return 0;
}

static PyObject *
measure_many(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const module_state *state = PyModule_GetState(module);
    if (nargs != 1 || kwnames != NULL || PyUnicode_Check(args[0]) || PyBytes_Check(args[0]))
        return PyObject_Vectorcall(state->pure_measure_many, args, nargs, kwnames);

    /* Without the GIL another thread may change a list between two looks at it: then measure a copy. */
    int as_it_is = KEPT && PyList_CheckExact(args[0]);
    PyObject *texts = as_it_is ? Py_NewRef(args[0]) : PySequence_Tuple(args[0]), *made = NULL;
    if (texts == NULL)
        return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(texts);
    PyObject *columns[3] = {PyTuple_New(n), PyTuple_New(n), PyTuple_New(n)};
    if (columns[0] != NULL && columns[1] != NULL && columns[2] != NULL
        && measure_columns(state, texts, n, columns) == 0)
        made = new_named_tuple(state->measures_type, columns, 3);
    for (int i = 0; i < 3; i++)
        Py_XDECREF(columns[i]);
    Py_DECREF(texts);
    return made;
}

static PyObject *
encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const module_state *state = PyModule_GetState(module);
    Py_ssize_t units;
    if (nargs != 1 || kwnames != NULL || !PyUnicode_Check(args[0]))
        return PyObject_Vectorcall(state->pure_encode, args, nargs, kwnames);

    PyObject *text = args[0];
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    PyObject *made = PyBytes_FromStringAndSize(NULL, length);
    if (made == NULL)
        return NULL;
    char *out = PyBytes_AS_STRING(made);
    uint8_t seen = 0;
    /* Most texts have no character of two septets: write them in one go and look afterwards whether that was so. */
    if (kind == PyUnicode_1BYTE_KIND)
        for (Py_ssize_t i = 0; i < length; i++)
            seen |= (uint8_t)(out[i] = (char)state->septet[((const Py_UCS1 *)data)[i]]);
    if (kind == PyUnicode_1BYTE_KIND && seen < SHIFTED)
        return made;
    Py_DECREF(made);
    if (scan_septets(state, kind, data, length, &units) < length)
        return PyObject_Vectorcall(state->pure_encode, args, nargs, kwnames);
    if ((made = PyBytes_FromStringAndSize(NULL, units)) == NULL)
        return NULL;
    out = PyBytes_AS_STRING(made);
    for (Py_ssize_t i = 0; i < length; i++) {
        uint8_t septet = septet_of(state, PyUnicode_READ(kind, data, i));
        if (septet & SHIFTED)
            *out++ = ESCAPE;
        *out++ = (char)(septet & 0x7F);
    }
    return made;
}

/* The number given as fill_bits: 0 when it is left out, -1 when anything is amiss. */
static long
fill_bits_of(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (nargs != 1 || !PyBytes_Check(args[0]))
        return -1;
    if (kwnames == NULL)
        return 0;
    if (PyTuple_GET_SIZE(kwnames) != 1 || !PyLong_Check(args[1])
        || PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, 0), "fill_bits") != 0)
        return -1;
    int overflow;
    long fill = PyLong_AsLongAndOverflow(args[1], &overflow);
    return overflow || fill < 0 || fill > 6 ? -1 : fill;
}

static PyObject *
pack(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const module_state *state = PyModule_GetState(module);
    long fill = fill_bits_of(args, nargs, kwnames);
    if (fill < 0)
        return PyObject_Vectorcall(state->pure_pack, args, nargs, kwnames);

    const uint8_t *septets = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    Py_ssize_t n = PyBytes_GET_SIZE(args[0]);
    /* Seven octets for eight septets: written so that no intermediate number can overflow. */
    Py_ssize_t size = n / 8 * 7 + (n % 8 * 7 + fill + 7) / 8;
    PyObject *made = PyBytes_FromStringAndSize(NULL, size);
    if (made == NULL)
        return NULL;
    uint8_t *out = (uint8_t *)PyBytes_AS_STRING(made);
    uint64_t bits = 0, seen = 0;
    int held = (int)fill;
    Py_ssize_t i = 0;
    /* Eight septets are seven octets; what is held stays the same, so the fill bits only shift the whole. */
    for (; PY_LITTLE_ENDIAN && n - i > 8; i += 8, out += 7) {
        uint64_t eight;
        memcpy(&eight, septets + i, 8);
        seen |= eight;
        eight = (eight & 0x007F007F007F007F) | (eight & 0x7F007F007F007F00) >> 1;
        eight = (eight & 0x00003FFF00003FFF) | (eight & 0x3FFF00003FFF0000) >> 2;
        eight = (eight & 0x000000000FFFFFFF) | (eight & 0x0FFFFFFF00000000) >> 4;
        bits |= eight << held;
        memcpy(out, &bits, 8); /* one octet too many, which the next round or the end writes again */
        bits >>= 56;
    }
    for (; i < n; i++) {
        seen |= septets[i];
        bits |= (uint64_t)septets[i] << held;
        held += 7;
        if (held >= 8) {
            *out++ = (uint8_t)bits;
            bits >>= 8;
            held -= 8;
        }
    }
    if (held > 0)
        *out = (uint8_t)bits;
    if (seen & 0x8080808080808080) {
        Py_DECREF(made);
        return PyObject_Vectorcall(state->pure_pack, args, nargs, kwnames);
    }
    return made;
}

/* ---------------------------------------------------------------- loading */

#ifdef HAVE_AVX2
/* Fills low and high so that a Latin-1 character is plain when low[its low half] & high[its high half] is not zero.
 * Each bit stands for the rows of the code table that have the same plain columns. There are eight, which is enough
 * for all but three rows; the characters of those are left to the table of costs. */
static void
read_halves(module_state *state)
{
    static const uint8_t by_use[16] = {6, 7, 2, 3, 4, 5, 14, 15, 12, 0, 10, 13, 11, 1, 8, 9};
    uint16_t columns_of_bit[8];
    int bits = 0;
    for (int n = 0; n < 16; n++) {
        int row = by_use[n], bit = 0;
        uint16_t columns = 0;
        for (int column = 0; column < 16; column++)
            columns |= (uint16_t)((state->cost[row * 16 + column] == 0) << column);
        while (bit < bits && columns_of_bit[bit] != columns)
            bit++;
        if (columns == 0 || bit == 8)
            continue;
        columns_of_bit[bit] = columns;
        bits = bit == bits ? bits + 1 : bits;
        state->high[row] = (uint8_t)(1 << bit);
        for (int column = 0; column < 16; column++)
            state->low[column] |= (uint8_t)((columns >> column & 1) << bit);
    }
}
#endif

static int
read_table(module_state *state, PyObject *pure)
{
    PyObject *table = PyObject_GetAttrString(pure, "SEPTETS"), *character, *octets;
    Py_ssize_t position = 0;
    if (table == NULL)
        return -1;
    memset(state->septet, NO_PLACE, sizeof(state->septet));
    memset(state->cost, COST_NO_PLACE, sizeof(state->cost));
    while (PyDict_Next(table, &position, &character, &octets)) {
        Py_UCS4 c = PyUnicode_READ_CHAR(character, 0);
        int shifted = PyBytes_GET_SIZE(octets) == 2;
        uint8_t septet = (uint8_t)(PyBytes_AS_STRING(octets)[shifted] | (shifted ? SHIFTED : 0));
        if (c < 256) {
            state->septet[c] = septet;
            state->cost[c] = (uint8_t)shifted;
        }
        else if (state->wide_count < MAX_WIDE) {
            state->wide[state->wide_count] = c;
            state->wide_septet[state->wide_count++] = septet;
        }
    }
    Py_DECREF(table);
#ifdef HAVE_AVX2
    read_halves(state);
    state->avx2 = __builtin_cpu_supports("avx2");
#endif
    return 0;
}

static int
read_rooms(module_state *state, PyObject *pure)
{
    PyObject *rooms = PyObject_GetAttrString(pure, "ROOMS");
    int read = rooms != NULL && PyArg_ParseTuple(rooms, "nnnn", &state->alone7, &state->joined7, &state->alone16,
                                                 &state->joined16);
    Py_XDECREF(rooms);
    return read ? 0 : -1;
}

static int
load(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    PyObject *pure = PyImport_ImportModule("smskit.encoding._pure");
    if (pure == NULL)
        return -1;
    const struct {
        const char *name;
        PyObject **place;
    } wanted[] = {
        {"measure", &state->pure_measure},
        {"measure_many", &state->pure_measure_many},
        {"encode", &state->pure_encode},
        {"pack", &state->pure_pack},
        {"boundary", &state->boundary},
        {"BLOCKS", &state->blocks},
        {"Measure", (PyObject **)&state->measure_type},
        {"Measures", (PyObject **)&state->measures_type},
        {"GSM7", &state->gsm7},
        {"UCS2", &state->ucs2},
    };
    int failed = read_table(state, pure) < 0 || read_rooms(state, pure) < 0;
    for (size_t i = 0; !failed && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        *wanted[i].place = PyObject_GetAttrString(pure, wanted[i].name);
        failed = *wanted[i].place == NULL;
    }
    if (!failed)
        state->alone = (const uint8_t *)PyBytes_AS_STRING(state->blocks);
    for (int i = 0; !failed && i < NUMBERS; i++)
        failed = (state->numbers[i] = PyLong_FromLong(i)) == NULL;
    Py_DECREF(pure);
    return failed ? -1 : 0;
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    Py_VISIT(state->pure_measure);
    Py_VISIT(state->pure_measure_many);
    Py_VISIT(state->pure_encode);
    Py_VISIT(state->pure_pack);
    Py_VISIT(state->boundary);
    Py_VISIT(state->blocks);
    Py_VISIT(state->measure_type);
    Py_VISIT(state->measures_type);
    Py_VISIT(state->gsm7);
    Py_VISIT(state->ucs2);
    for (int i = 0; i < KEPT; i++)
        Py_VISIT(state->kept[i].measure);
    return 0;
}

static int
clear(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->pure_measure);
    Py_CLEAR(state->pure_measure_many);
    Py_CLEAR(state->pure_encode);
    Py_CLEAR(state->pure_pack);
    Py_CLEAR(state->boundary);
    Py_CLEAR(state->blocks);
    Py_CLEAR(state->measure_type);
    Py_CLEAR(state->measures_type);
    Py_CLEAR(state->gsm7);
    Py_CLEAR(state->ucs2);
    for (int i = 0; i < NUMBERS; i++)
        Py_CLEAR(state->numbers[i]);
    for (int i = 0; i < KEPT; i++)
        Py_CLEAR(state->kept[i].measure);
    return 0;
}

#define FASTCALL METH_FASTCALL | METH_KEYWORDS
static PyMethodDef methods[] = {
    {"measure", (PyCFunction)(void (*)(void))measure, FASTCALL,
     "measure(text, /, *, alphabet=None, layout=STANDARD)\n\nSay what text weighs, as smskit.encoding._pure.measure."},
    {"measure_many", (PyCFunction)(void (*)(void))measure_many, FASTCALL,
     "measure_many(texts, /, *, alphabet=None, layout=STANDARD)\n\nSay what each of texts weighs, in columns."},
    {"encode", (PyCFunction)(void (*)(void))encode, FASTCALL,
     "encode(text, /, *, alphabet=GSM7)\n\nGive the octets of text, one septet in each."},
    {"pack", (PyCFunction)(void (*)(void))pack, FASTCALL,
     "pack(septets, /, *, fill_bits=0)\n\nGive septets as a stream of bits, the lowest bit first."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, load},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "smskit.encoding._speedups",
    .m_doc = "The C twin of smskit.encoding._pure.",
    .m_size = sizeof(module_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
};

PyMODINIT_FUNC
PyInit__speedups(void)
{
    return PyModuleDef_Init(&definition);
}
