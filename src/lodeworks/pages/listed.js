// A table of rows with what can be done to each: cells are text alone, a row may be marked, a deed is handed up.
// A cell is a text, or a text with a smaller one under it: [text, note].

export default {
  template: `<div class="lw-table lw-listed"><table class="lw-list">
    <caption class="lw-hidden">{{ caption }}</caption>
    <thead><tr>
      <th v-for="column in columns" scope="col" :class="column.number ? 'n' : ''">{{ column.title }}</th>
      <th v-if="acts" scope="col"><span class="lw-hidden">{{ deeds }}</span></th>
    </tr></thead>
    <tbody>
      <tr v-for="row in rows" :key="row.key" :class="row.mark ?? ''">
        <component :is="k === 0 ? 'th' : 'td'" v-for="(cell, k) in row.cells" :scope="k === 0 ? 'row' : undefined" :data-label="k === 0 ? undefined : columns[k]?.title" :class="columns[k]?.number ? 'n' : ''">
          <span v-if="Array.isArray(cell)">{{ cell[0] }}<div v-if="cell[1]" class="lw-alarm-line">{{ cell[1] }}</div></span>
          <span v-else>{{ cell }}</span>
        </component>
        <td v-if="acts" class="lw-buttons-cell"><div class="lw-buttons">
          <button v-for="act in row.acts ?? []" type="button" class="lw-button" :disabled="act.off" @click="$emit('deed', { deed: act.deed, key: row.key })">{{ act.title }}</button>
        </div></td>
      </tr>
      <tr v-if="!rows.length"><td class="lw-calm" :colspan="columns.length + (acts ? 1 : 0)">{{ none }}</td></tr>
    </tbody></table></div>`,
  props: { caption: String, columns: Array, rows: Array, none: String, deeds: String },
  emits: ["deed"],
  computed: { acts() { return this.rows.some((row) => row.acts?.length); } },
};
