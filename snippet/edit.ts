/** Digit by digit, the new inserted before the old is deleted: so the ends of the visitor's selection stay where they are. */
export function edit(text: Text, wanted: string): void {
  const { data } = text;
  if (data.length !== wanted.length) text.data = wanted;
  else {
    for (let i = data.length; i--; ) {
      if (data[i] !== wanted[i]) {
        text.insertData(i, wanted[i] as string);
        text.deleteData(i + 1, 1);
      }
    }
  }
}
