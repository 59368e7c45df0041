//! The pages that one begins with.

use std::fmt::Write as _;

use schemas::Layer;
use serde_json::json;

use super::{
    dag_path, mapping_path, table_path,
    view::Site,
    words::{Language, Words},
};
use crate::html::{esc, page, prose};

/// The page that asks for a language.
pub(super) fn door(site: &Site<'_>, languages: &[Language]) -> String {
    let mut body = String::from("<main><h1>MarketLounge</h1><ul class=\"cards\">");
    for language in languages {
        let words = language.words();
        let _ = write!(
            body,
            "<li lang=\"{0}\"><a href=\"{0}/index.html\">{1}</a><p>{2} ({3} {4})</p></li>",
            words.code,
            words.name,
            words.title,
            site.tables.len(),
            words.tables.to_lowercase()
        );
    }
    body.push_str("</ul></main>");
    let code = languages.first().map_or("en", |language| language.code());
    page(code, "MarketLounge", &body, "")
}

pub(super) fn render(site: &Site<'_>, words: &Words) -> String {
    let mut body = format!(
        "<header><h1>{0}</h1><p>{1}</p></header>\n<main>\n<search><label for=\"q\" class=\"soft small\">{2}</label><br>\
         <input type=\"search\" id=\"q\" autocomplete=\"off\"><div id=\"found\" aria-live=\"polite\"></div></search>\n",
        words.title, words.intro, words.search
    );
    for (layer, name) in [
        (Layer::Gold, words.gold),
        (Layer::Silver, words.silver),
        (Layer::Landing, words.landing),
    ] {
        let tables = site
            .tables
            .iter()
            .filter(|one| one.contract.table.layer == layer);
        let cards = tables.map(|one| {
            let table = one.contract.table.to_string();
            (table_path(&table), table, one.contract.description.clone())
        });
        section(name, cards, &mut body);
    }
    let dags = site.dags.iter();
    let dags = dags.map(|one| {
        (
            dag_path(&one.name),
            one.name.clone(),
            one.description.clone(),
        )
    });
    section(words.dags, dags, &mut body);
    let mappings = site.mappings.iter().map(|one| {
        let name = format!("{}/{}", one.set, one.name);
        (mapping_path(one), name, one.description.clone())
    });
    section(words.source_list, mappings, &mut body);
    // `</script>` cannot stand in it: every `<` is written as its code.
    let index = search_index(site, words)
        .to_string()
        .replace('<', "\\u003c");
    let _ = write!(
        body,
        "</main>\n<script type=\"application/json\" id=\"index\">{index}</script>"
    );
    page(words.code, words.title, &body, &script(words))
}

fn section(name: &str, cards: impl Iterator<Item = (String, String, String)>, body: &mut String) {
    let cards: Vec<_> = cards.collect();
    if cards.is_empty() {
        return;
    }
    let _ = write!(
        body,
        "<section><h2>{} <span class=\"soft small\">({})</span></h2><ul class=\"cards\">",
        esc(name),
        cards.len()
    );
    for (path, name, description) in cards {
        let _ = write!(
            body,
            "<li><a href=\"{}\"><code>{}</code></a><p>{}</p></li>",
            esc(&path),
            esc(&name),
            prose(&description)
        );
    }
    body.push_str("</ul></section>\n");
}

/// What is searched: name, what it is, its description, and where it is told.
fn search_index(site: &Site<'_>, words: &Words) -> serde_json::Value {
    let mut all = Vec::new();
    for table in &site.tables {
        let name = table.contract.table.to_string();
        let path = table_path(&name);
        all.push(json!([name, words.table, table.contract.description, path]));
        for column in &table.contract.columns {
            let id = format!("{name}.{}", column.name);
            all.push(json!([
                id,
                words.column,
                column.description,
                format!("{path}#{}", column.name)
            ]));
        }
    }
    for dag in &site.dags {
        all.push(json!([
            dag.name,
            words.dag,
            dag.description,
            dag_path(&dag.name)
        ]));
    }
    for mapping in &site.mappings {
        let name = format!("{}/{}", mapping.set, mapping.name);
        all.push(json!([
            name,
            words.source,
            mapping.description,
            mapping_path(mapping)
        ]));
    }
    json!(all)
}

/// Looks for all words, without case and accents, names before descriptions; writes texts, never markup.
fn script(words: &Words) -> String {
    let (found, nothing) = (json!(words.found), json!(words.nothing));
    format!(
        "const fold=s=>s.normalize('NFD').replace(/[\\u0300-\\u036f]/g,'').toLowerCase();\
         const all=JSON.parse(document.getElementById('index').textContent).map(e=>[e,fold(e[0]),fold(e[2])]);\
         const q=document.getElementById('q'),out=document.getElementById('found');\
         q.addEventListener('input',()=>{{const ws=fold(q.value).split(/\\s+/).filter(w=>w);out.textContent='';if(!ws.length)return;\
         const hits=[];for(const[e,n,d]of all){{let s=0;for(const w of ws){{if(n.includes(w))s+=n.endsWith(w)?3:2;else if(d.includes(w))s+=1;else{{s=0;break}}}}\
         if(s)hits.push([s,e])}}hits.sort((a,b)=>b[0]-a[0]||a[1][0].length-b[1][0].length);\
         const p=document.createElement('p');p.className='soft small';p.textContent=hits.length?{found}+' '+hits.length:{nothing};out.append(p);\
         const ul=document.createElement('ul');ul.className='found';for(const[,e]of hits.slice(0,30)){{const li=document.createElement('li'),a=document.createElement('a'),\
         s=document.createElement('span'),c=document.createElement('code');c.textContent=e[0];a.href=e[3];a.append(c);s.className='soft small';s.textContent=' '+e[1]+' · '+e[2];\
         li.append(a,s);ul.append(li)}}out.append(ul)}});"
    )
}
