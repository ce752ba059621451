/* The C twin of smskit.planning._table: who had a number first.
 *
 * The table is an array of 32-bit places, each one higher than a place in the column of 64-bit numbers; 0 is a free
 * slot. Both are ordinary array.array objects that Python owns: there is no state here.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

typedef struct {
    Py_buffer table;
    Py_buffer numbers;
} Columns;

static int
open_columns(PyObject *table, PyObject *numbers, Columns *columns)
{
    if (PyObject_GetBuffer(table, &columns->table, PyBUF_CONTIG | PyBUF_FORMAT) < 0) {
        return -1;
    }
    if (PyObject_GetBuffer(numbers, &columns->numbers, PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0) {
        PyBuffer_Release(&columns->table);
        return -1;
    }
    /* "Q" may be written "L" on platforms where both have eight octets. */
    if (columns->table.itemsize != 4 || columns->numbers.itemsize != 8 || columns->table.len == 0) {
        PyErr_SetString(PyExc_TypeError, "claims take an array('I') that is not empty and an array('Q')");
        PyBuffer_Release(&columns->table);
        PyBuffer_Release(&columns->numbers);
        return -1;
    }
    return 0;
}

static void
close_columns(Columns *columns)
{
    PyBuffer_Release(&columns->table);
    PyBuffer_Release(&columns->numbers);
}

/* Put place into the table; give 0 when an earlier place has the same number, and -1 when the table is full. */
static int
put(uint32_t *table, Py_ssize_t size, const uint64_t *numbers, Py_ssize_t place)
{
    uint64_t number = numbers[place];
    Py_ssize_t slot = (Py_ssize_t)(number % (uint64_t)size);
    for (Py_ssize_t tried = 0; tried < size; tried++) {
        uint32_t held = table[slot];
        if (held == 0) {
            table[slot] = (uint32_t)(place + 1);
            return 1;
        }
        if (numbers[held - 1] == number) {
            return 0;
        }
        slot = slot + 1 < size ? slot + 1 : 0;
    }
    return -1;
}

static PyObject *
claim(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *table, *numbers, *places;
    if (!PyArg_ParseTuple(args, "OOO:claim", &table, &numbers, &places)) {
        return NULL;
    }
    PyObject *fast = PySequence_Fast(places, "places must be a sequence");
    if (fast == NULL) {
        return NULL;
    }
    Columns columns;
    if (open_columns(table, numbers, &columns) < 0) {
        Py_DECREF(fast);
        return NULL;
    }
    PyObject *repeated = PyList_New(0);
    Py_ssize_t size = columns.table.len / 4, known = columns.numbers.len / 8;
    for (Py_ssize_t index = 0; repeated != NULL && index < PySequence_Fast_GET_SIZE(fast); index++) {
        PyObject *item = PySequence_Fast_GET_ITEM(fast, index);
        Py_ssize_t place = PyNumber_AsSsize_t(item, PyExc_IndexError);
        int done = -1;
        if (place == -1 && PyErr_Occurred()) {
            Py_CLEAR(repeated);
            break;
        }
        if (place < 0 || place >= known) {
            PyErr_SetString(PyExc_IndexError, "a place outside the column of numbers");
        } else if ((done = put(columns.table.buf, size, columns.numbers.buf, place)) < 0) {
            PyErr_SetString(PyExc_ValueError, "the table is full");
        }
        if (done < 0 || (done == 0 && PyList_Append(repeated, item) < 0)) {
            Py_CLEAR(repeated);
        }
    }
    close_columns(&columns);
    Py_DECREF(fast);
    return repeated;
}

static PyObject *
move(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *claimed, *table, *numbers;
    if (!PyArg_ParseTuple(args, "OOO:move", &claimed, &table, &numbers)) {
        return NULL;
    }
    Py_buffer old;
    if (PyObject_GetBuffer(claimed, &old, PyBUF_CONTIG_RO) < 0) {
        return NULL;
    }
    Columns columns;
    if (open_columns(table, numbers, &columns) < 0) {
        PyBuffer_Release(&old);
        return NULL;
    }
    const uint32_t *held = old.buf;
    Py_ssize_t size = columns.table.len / 4, known = columns.numbers.len / 8;
    int done = 1;
    for (Py_ssize_t slot = 0; done >= 0 && slot < old.len / 4; slot++) {
        if (held[slot] != 0) {
            done = held[slot] <= known ? put(columns.table.buf, size, columns.numbers.buf, held[slot] - 1) : -1;
        }
    }
    close_columns(&columns);
    PyBuffer_Release(&old);
    if (done < 0) {
        PyErr_SetString(PyExc_ValueError, "the new table is too small");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"claim", claim, METH_VARARGS, "Take each place as the first of its number; give those that come too late."},
    {"move", move, METH_VARARGS, "Put every place of one table into another."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "smskit.planning._claims",
    .m_doc = "The C twin of smskit.planning._table.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__claims(void)
{
    return PyModuleDef_Init(&module);
}
